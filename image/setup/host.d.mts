/** Types of `host.mjs` for `bt doctor`. */
export type Need = { readonly program: string; readonly package: string; readonly why: string }
export const NEEDS: readonly Need[]
export function which(program: string, path?: string): string | undefined
export function hasKeys(folder?: string): boolean
export function missing(): Need[]
export function host(file?: string): { readonly name: string; readonly debian: boolean }
