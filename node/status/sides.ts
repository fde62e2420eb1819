/** Which interface faces the Internet and which the home. No I/O: the web app uses it too. */
import type { Address, Interface } from './status.ts'

export type Side = { readonly port: Interface; readonly address?: Address }

/** The interface with the default route, if there is one. */
export function internetSide(network: readonly Interface[]): Side | undefined {
  return side(network.find(each => each.role === 'internet'))
}

/** The bridge of the home, else the first local interface with an address that lasts. */
export function homeSide(network: readonly Interface[]): Side | undefined {
  const local = network.filter(each => each.role === 'local' && each.kind !== 'tunnel')
  const bridge = local.find(each => each.kind === 'bridge')
  return side(bridge ?? local.find(each => lasting(each) !== undefined))
}

function side(port: Interface | undefined): Side | undefined {
  if (!port) return undefined
  const address = lasting(port)
  return address ? { port, address } : { port }
}

function lasting(port: Interface): Address | undefined {
  return port.addresses.find(each => each.scope !== 'link')
}
