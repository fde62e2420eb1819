/** Types of `modules.mjs` for `bt doctor` and the tests. */
export function incomplete(repo: string, cpu?: string): string | undefined
