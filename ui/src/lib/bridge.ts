/** The only door to the application: `ask` for a command, `on` for an event. Nothing else talks to Tauri. */
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { AppError, Commands, Events } from './contract';

type Command = keyof Commands;
type Arguments<C extends Command> = Commands[C][0] extends void ? [] : [request: Commands[C][0]];

/** `receiveStart` -> `receive_start`. */
export function commandName(command: string): string {
  return command.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const isAppError = (error: unknown): error is AppError =>
  typeof error === 'object' && error !== null && typeof (error as AppError).code === 'string';

/** What a rejected command carries; whatever else went wrong between window and application is the application's fault. */
export function asAppError(error: unknown): AppError {
  if (isAppError(error)) return { ...error, params: error.params ?? {} };
  return { code: 'window_bridge_failed', rule: null, blame: 'application', left: false, params: {} };
}

export async function ask<C extends Command>(command: C, ...[request]: Arguments<C>): Promise<Commands[C][1]> {
  try {
    return await invoke<Commands[C][1]>(commandName(command), request === undefined ? {} : { request });
  } catch (error) {
    throw asAppError(error);
  }
}

/** A command whose question is a picture: its bytes cross as they are, not as text. */
export async function askWith<C extends 'readCamera' | 'deskCamera'>(command: C, body: Uint8Array): Promise<Commands[C][1]> {
  try {
    return await invoke<Commands[C][1]>(commandName(command), body);
  } catch (error) {
    throw asAppError(error);
  }
}

/** Like `on`, and settled only when the application can be heard. */
export async function listening<E extends keyof Events>(event: E, handler: (payload: Events[E]) => void): Promise<void> {
  await listen<Events[E]>(event, ({ payload }) => handler(payload));
}

export function on<E extends keyof Events>(event: E, handler: (payload: Events[E]) => void): () => void {
  let stopped = false;
  let stop: (() => void) | null = null;
  void listen<Events[E]>(event, ({ payload }) => handler(payload)).then((unlisten) => {
    if (stopped) unlisten();
    else stop = unlisten;
  });
  return () => {
    stopped = true;
    stop?.();
  };
}
