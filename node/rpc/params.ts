/** Checks the parameters of a call by the schema of its method. */
import { Refusal } from '../codec/error.ts'
import { RpcError } from './error.ts'
import { METHODS, type Method, type Params } from './protocol.ts'

export function isMethod(name: string): name is Method {
  return Object.hasOwn(METHODS, name)
}

/**
 * @param given  as parsed from JSON; missing is the same as empty.
 * @throws {RpcError} `RPC_PARAMS`, naming the field.
 */
export function readParams<M extends Method>(method: M, given: unknown = {}): Params<M> {
  try {
    return METHODS[method].params.read(given) as Params<M>
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    throw new RpcError('RPC_PARAMS', `${method}${error.path}: ${error.detail}`)
  }
}
