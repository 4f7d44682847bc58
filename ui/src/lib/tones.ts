/** What is heard at the end of a check: three endings that nobody takes for each other. Green rises, amber repeats, red falls and is long. */
import type { DeskVerdict } from './contract';

/** Hertz (0 is silence) and seconds. */
export const tones: Record<DeskVerdict['outcome'], readonly (readonly [pitch: number, seconds: number])[]> = {
  confirmed: [[660, 0.15], [990, 0.25]],
  confirmedWeak: [[520, 0.15], [0, 0.08], [520, 0.15]],
  notConfirmed: [[330, 0.25], [165, 0.6]],
};

/** To be made in the press that begins a check: only then may a page be heard. Null where there is no sound. */
export function voice(): AudioContext | null {
  try {
    const context = new AudioContext();
    void context.resume().catch(() => undefined);
    return context;
  } catch {
    return null;
  }
}

export function sound(context: AudioContext | null, outcome: DeskVerdict['outcome']): void {
  if (!context) return;
  let at = context.currentTime;
  for (const [pitch, seconds] of tones[outcome]) {
    if (pitch > 0) {
      const source = context.createOscillator();
      const loudness = context.createGain();
      source.frequency.value = pitch;
      loudness.gain.value = 0.2;
      source.connect(loudness).connect(context.destination);
      source.start(at);
      source.stop(at + seconds);
    }
    at += seconds;
  }
}
