/**
 * One after the other: a read is sent when the one before is answered. Whichever read is the last of a check gets the verdict, and for
 * whatever is on its way beside it the check is over: that must not be heard first.
 */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

export function turns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const done = last.then(work);
    last = done.catch(() => undefined);
    return done;
  };
}
