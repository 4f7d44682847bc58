/** The camera, on only while it is looked through: pictures go to the application as grey pixels and nowhere else. */

/** `none` there is no camera · `refused` not allowed · `busy` another program has it · `unsupported` this window has no way to it · `ended` it was taken away. */
export type CameraTrouble = 'none' | 'refused' | 'busy' | 'unsupported' | 'ended';

/** The longest side of a picture that is sent, in pixels. */
export const longestSide = 1280;
/** Milliseconds between two pictures: more than ten a second. */
export const pictureEvery = 80;
/** Pictures on their way at once: one is read while the next is taken. */
const atOnce = 2;

export function troubleOf(error: unknown): CameraTrouble {
  switch (error instanceof Error ? error.name : '') {
    case 'NotFoundError': case 'OverconstrainedError': return 'none';
    case 'NotAllowedError': case 'SecurityError': return 'refused';
    case 'NotReadableError': case 'AbortError': return 'busy';
    default: return 'unsupported';
  }
}

/** The width and height that a picture is sent in: whole, and no side longer than the longest. */
export function sizeOf(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, longestSide / Math.max(width, height, 1));
  return { width: Math.floor(width * scale), height: Math.floor(height * scale) };
}

/** Grey pixels with their width and height before them, two bytes each, the higher first (`readCamera`). */
export function greyOf(rgba: Uint8ClampedArray, width: number, height: number): Uint8Array {
  const body = new Uint8Array(4 + width * height);
  body.set([width >> 8, width & 255, height >> 8, height & 255]);
  for (let at = 0, from = 0; at < width * height; at += 1, from += 4)
    body[4 + at] = (77 * (rgba[from] ?? 0) + 150 * (rgba[from + 1] ?? 0) + 29 * (rgba[from + 2] ?? 0)) >> 8;
  return body;
}

/** Sends what a video shows, picture by picture, until `take` says no or it is stopped. Gives what stops it. */
function pictures(video: HTMLVideoElement, take: (picture: Uint8Array) => Promise<boolean>, ended: () => void, unsupported: () => void): () => void {
  const canvas = document.createElement('canvas');
  let onTheWay = 0;
  const timer = setInterval(picture, pictureEvery);
  let stopped = false;
  function stop(): void {
    stopped = true;
    clearInterval(timer);
    canvas.width = canvas.height = 0;
  }
  function picture(): void {
    if (stopped || onTheWay >= atOnce || video.readyState < 2 || video.videoWidth === 0) return;
    const { width, height } = sizeOf(video.videoWidth, video.videoHeight);
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    if (!context) return unsupported();
    context.drawImage(video, 0, 0, width, height);
    onTheWay += 1;
    take(greyOf(context.getImageData(0, 0, width, height).data, width, height)).then(
      (goOn) => { onTheWay -= 1; if (!goOn && !stopped) ended(); },
      () => { onTheWay -= 1; });
  }
  return stop;
}

/**
 * Looks through the camera into `video` until it is stopped. `take` gets each picture and says whether to go on. Gives what stops
 * it: the camera is off from then on, also where it was still being asked for.
 */
export function look(video: HTMLVideoElement, take: (picture: Uint8Array) => Promise<boolean>, seen: () => void, trouble: (why: CameraTrouble) => void): () => void {
  let stream: MediaStream | null = null;
  let still: (() => void) | null = null;
  let stopped = false;
  const off = (of: MediaStream | null) => of?.getTracks().forEach((track) => track.stop());
  function stop(): void {
    stopped = true;
    still?.();
    off(stream);
    stream = null;
    video.srcObject = null;
  }
  function fail(why: CameraTrouble): void {
    if (stopped) return;
    stop();
    trouble(why);
  }
  async function start(): Promise<void> {
    if (!navigator.mediaDevices?.getUserMedia) return fail('unsupported');
    try {
      const given = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 }, height: { ideal: 720 } }, audio: false });
      if (stopped) return off(given);
      stream = given;
      for (const track of given.getVideoTracks()) track.addEventListener('ended', () => fail('ended'));
      video.srcObject = given;
      await video.play();
      if (stopped) return;
      seen();
      still = pictures(video, take, stop, () => fail('unsupported'));
    } catch (error) {
      fail(troubleOf(error));
    }
  }
  void start();
  return stop;
}

/** Plays a video file into `video` and sends what it shows. `over`: it ended without an answer; `trouble`: this window cannot play it. Gives what stops it. */
export function film(video: HTMLVideoElement, file: File, take: (picture: Uint8Array) => Promise<boolean>, over: () => void, trouble: () => void): () => void {
  const address = URL.createObjectURL(file);
  let stopped = false;
  const still = pictures(video, take, stop, () => end(trouble));
  function stop(): void {
    if (stopped) return;
    stopped = true;
    still();
    video.onended = video.onerror = null;
    video.removeAttribute('src');
    video.load();
    URL.revokeObjectURL(address);
  }
  function end(say: () => void): void {
    if (stopped) return;
    stop();
    say();
  }
  video.onended = () => end(over);
  video.onerror = () => end(trouble);
  video.src = address;
  video.play().catch(() => end(trouble));
  return stop;
}
