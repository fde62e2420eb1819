/** What it costs to check who wrote a block: chains of writecaps and headers, beside bare signatures. */
import type { Bench } from '../../image/cli/bench-figure.ts'
import { CapabilityCache } from '../../node/block/capability-cache.ts'
import { checkChain, type Claim } from '../../node/block/chain.ts'
import { openHeader, signHeader } from '../../node/block/header.ts'
import { checkReceipt } from '../../node/block/receipt.ts'
import { signingInput } from '../../node/codec/signing.ts'
import { sign, verify } from '../../node/crypto/sign.ts'
import { fixedKeys } from '../node/crypto/fixed.ts'
import {
  AUTHORITY,
  block,
  cap,
  fileHeader,
  HOUR,
  NOW,
  OWNER,
  ROOT,
  somebody,
  TREE,
} from '../node/block/sample.ts'

const ROUNDS = 5
/** Chains that differ in their last link, one for each call of all rounds. */
const CHAINS = 5000

/**
 * The least CPU time of a call over several rounds, in µs. A round has to take some 100 ms, as the
 * kernel may count CPU time in steps of 4.
 *
 * @param call  gets another number each time, over all rounds.
 */
function cost(calls: number, call: (i: number) => unknown): number {
  let least = Infinity
  for (let round = 0; round < ROUNDS; round++) {
    const before = process.cpuUsage()
    for (let i = 0; i < calls; i++) call(round * calls + i)
    const { user, system } = process.cpuUsage(before)
    least = Math.min(least, (user + system) / calls)
  }
  return least
}

const copy = (bytes: Uint8Array) => Uint8Array.from(bytes)

/** Chains of 4 links, of which the last is another in each. */
async function chains(count: number): Promise<Claim[]> {
  const people = ['first', 'second', 'third'].map(name => somebody(name))
  const links: Uint8Array[] = []
  for (const [i, one] of people.entries())
    links.push(await cap(people[i - 1] ?? OWNER, one, { depth: 7 - i }))
  const path = [ROOT, block('directory'), block('file')]
  const writer = somebody('writer').principal
  const claim = async (i: number) => {
    const last = await cap(people[2]!, writer, { depth: 0, expires: NOW + HOUR + i })
    return { tree: TREE, writer, chain: [...links, last], path }
  }
  return Promise.all(Array.from({ length: count }, (_, i) => claim(i)))
}

export const bench: Bench = {
  about: 'checking who wrote a block, beside bare signatures',
  async run({ figure, say }) {
    const key = fixedKeys('25519').sign
    const input = signingInput('bench', new Uint8Array(300))
    const signature = sign(key, input)
    const bare = cost(1000, () => verify(key.publicKey, input, signature))
    const peer = (signatures: number, ratio: number) => ({
      name: `bare, ${signatures}`,
      value: bare * signatures,
      ratio,
    })
    figure({ name: 'one bare Ed25519 signature', value: bare, unit: 'µs' })

    say(`making ${CHAINS} chains of 4 links`)
    const claims = await chains(CHAINS)
    const authority = { ...AUTHORITY(), cache: new CapabilityCache(2 * CHAINS) }
    // Copies, as each header that is opened brings its own.
    const check = (i: number, cache = authority.cache) => {
      const claim = claims[i % CHAINS]!
      return checkChain({ ...claim, chain: claim.chain.map(copy) }, { ...authority, cache })
    }
    const lastNew = cost(CHAINS / ROUNDS, i => check(i))
    const known = cost(10_000, i => check(i))
    const allNew = cost(300, i => check(i, new CapabilityCache()))
    // 5,000 a second are 200 µs.
    figure({ name: 'chain of 4, all links seen before', value: known, unit: 'µs', target: 200 })
    figure({ name: 'its last link new', value: lastNew, unit: 'µs', peer: peer(1, 2) })
    figure({ name: 'all links new', value: allNew, unit: 'µs', peer: peer(4, 1.6) })

    const { chain } = claims[0]!
    const writer = somebody('writer')
    const { bytes } = await signHeader(fileHeader({ chain, writer: writer.signKey }), writer)
    const next = openHeader(bytes)
    const opening = cost(1000, () => openHeader(bytes))
    const receipt = { previous: undefined, next, parentPath: [ROOT] }
    const taking = cost(10_000, () => {
      const header = { ...next.header, chain: next.header.chain.map(copy) }
      checkReceipt({ ...receipt, next: { ...next, header } }, authority)
    })
    figure({
      name: 'opening a header with such a chain',
      value: opening,
      unit: 'µs',
      peer: peer(1, 1.8),
    })
    figure({
      name: 'all rules for it, its chain seen before',
      value: taking,
      unit: 'µs',
      target: 200,
    })
  },
}
