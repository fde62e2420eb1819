/** Where to listen: an address, or a socket that systemd opened for us. */

/** As `server.listen` takes it. */
export type Place = { readonly host: string; readonly port: number } | { readonly fd: number }

export const DEFAULT_PLACE = '127.0.0.1:7707'

/** Reads `127.0.0.1:7707`, `[::1]:80` or `localhost:0`; undefined when it is none of these. */
export function parsePlace(text: string): { host: string; port: number } | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9.-]+)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  const host = match?.[1] ?? match?.[2]
  return host === undefined || port > 65535 ? undefined : { host, port }
}
