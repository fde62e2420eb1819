/** Who wrote a version, as people know him: not the key of his session, which lasts for hours. */
import type { CapabilityCache } from '../block/capability-cache.ts'
import type { Header } from '../block/header-schema.ts'
import { whoSigns } from '../block/known.ts'
import type { Principal } from '../crypto/principal.ts'

/** @param header  one that is trusted. */
export function whoWrote(
  { chain, writer }: Pick<Header, 'chain' | 'writer'>,
  cache: CapabilityCache,
): Principal {
  const last = chain.at(-1)
  const link = last && cache.writecaps.open(last).value
  // A right that can't be handed on is that of a session: its issuer is who has it.
  return whoSigns(link?.depth === 0 ? link.issuer : writer)
}
