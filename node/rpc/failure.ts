/**
 * Errors on their way over a connection: `{code, message, data: {code}}`. The number is JSON-RPC's
 * own where it has one, else -32000; what is wrong is `data.code`, as `TREE_NOT_FOUND`.
 */
import { ResponseError } from 'vscode-jsonrpc/node'
import type { RemoteFailure } from './guard.ts'
import { RpcError, type RpcCode } from './error.ts'

const NUMBERS: Partial<Record<RpcCode, number>> = {
  RPC_FRAME_HEADER: -32700,
  RPC_FRAME_SIZE: -32700,
  RPC_FRAME_SLOW: -32700,
  RPC_JSON: -32700,
  RPC_DEEP: -32600,
  RPC_MESSAGE: -32600,
  RPC_METHOD: -32601,
  RPC_PARAMS: -32602,
  RPC_INTERNAL: -32603,
  RPC_CANCELLED: -32800,
}
const OTHER = -32000

/** Codes that this end gives itself, so that the other need not wrap them. */
const OWN: readonly string[] = [
  ...Object.keys(NUMBERS),
  'RPC_BUSY',
  'RPC_ID_TWICE',
  'RPC_TIMEOUT',
  'RPC_STREAM',
] satisfies (RpcCode | string)[]

/** How the caller learns of an error. Of a mistake in the program it learns only that. */
export function failureOf(error: unknown): RemoteFailure {
  const { code, message } = told(error)
  return { code: NUMBERS[code as RpcCode] ?? OTHER, message, data: { code } }
}

/** True for errors that are a mistake in the program and belong into its log. */
export function isMistake(error: unknown): boolean {
  return told(error).code === 'RPC_INTERNAL'
}

/** Any other error, as one of this room's: what a caller gets of the answer to its call. */
export function errorOf(error: unknown): RpcError {
  if (error instanceof RpcError) return error
  if (!(error instanceof ResponseError))
    return new RpcError('RPC_CLOSED', error instanceof Error ? error.message : String(error))
  const { code: reason } = (error.data ?? {}) as { code?: unknown }
  if (typeof reason !== 'string') return new RpcError('RPC_CLOSED', error.message)
  const own = OWN.includes(reason) ? (reason as RpcCode) : 'RPC_FAILED'
  return new RpcError(own, error.message, reason)
}

/** Errors of our rooms have codes like `TREE_NOT_FOUND`, those of the system like `ENOSPC`. */
function told(error: unknown): { code: string; message: string } {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  if (error instanceof RpcError) return { code: error.reason, message: error.message }
  if (error instanceof Error && typeof code === 'string' && !code.startsWith('ERR_'))
    if (/^E[A-Z0-9]+$|^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(code))
      return { code, message: message as string }
  return { code: 'RPC_INTERNAL', message: 'a mistake in the program; the node’s log says more' }
}
