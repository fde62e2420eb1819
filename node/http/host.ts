/**
 * Which names a request may ask for. A page elsewhere can point its own name at this device's
 * address (DNS rebinding) and would then read everything here as its own origin; so only names that
 * nobody else can own are answered: addresses, `localhost`, the host name and `<host>.local`.
 */
import { isIP } from 'node:net'

/**
 * @param authority  `Host` header or the authority of an absolute target: `10.77.0.1:80`, `[fd00::1]`.
 * @param name       host name of the device, lower case.
 */
export function isOwnHost(authority: string, name: string): boolean {
  const match = /^(?:\[([0-9a-f:.]{2,45})\]|([a-z0-9.-]{1,253}))(?::\d{1,5})?$/.exec(
    authority.toLowerCase(),
  )
  if (!match) return false
  const [, inBrackets, plain] = match
  if (inBrackets !== undefined) return isIP(inBrackets) === 6
  const host = plain!.replace(/\.$/, '')
  return isIP(host) === 4 || host === 'localhost' || host === name || host === `${name}.local`
}
