/** Keeps an answer for a moment, so that many who ask cost as much as one. */

/**
 * @param ask    makes the answer; when it throws, nothing is kept.
 * @param ageMs  oldest answer that is given again.
 * @param now    milliseconds of a clock that never jumps.
 */
export function remember<T>(ask: () => T, ageMs: number, now: () => number): () => T {
  let kept: { readonly value: T; readonly at: number } | undefined
  return () => {
    const at = now()
    if (!kept || at - kept.at >= ageMs) kept = { value: ask(), at }
    return kept.value
  }
}
