// What is to be done soon, but not for each of many things that happen.

/** run() at once, then not before it has ended and so many ms are over; a call meanwhile counts for later. */
export function calm(ms: number, run: () => Promise<unknown>): () => void {
  let busy = false, again = false;

  const call = () => {
    again = busy;
    if (busy) return;
    busy = true;
    void run().finally(() => setTimeout(() => {
      busy = false;
      if (again) call();
    }, ms));
  };

  return call;
}
