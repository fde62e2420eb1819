/** The test of one variant: builds it twice, compares what is released, byte by byte. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { call } from '../image/cli/checkout.ts'
import { differing, firstDifference, releasedFiles } from './compare-builds.ts'
import { buildTwice } from './rebuild.ts'

/** Files without which a build would have released nothing worth comparing. */
const EXPECTED = [
  'blocktree.efi',
  'blocktree.img',
  'blocktree.img.bmap',
  'licenses.json',
  'licenses/libc6/copyright',
  'manifest.json',
  'provenance.intoto.json',
  'root.erofs',
  'root.verity',
  'roothash',
  'sbom.cdx.json',
  'sbom.spdx.json',
]

export function reproducible(what: string, options: readonly string[]): void {
  describe(what, () => {
    let remove = () => {}
    after(() => remove())

    it('is the same for another user, folder, cache, umask, locale, time zone and core count', async t => {
      const twice = await buildTwice(options)
      remove = twice.remove
      const { first, second, conditions } = twice
      for (const condition of conditions) t.diagnostic(`different: ${condition}`)
      assert.equal(second.summary.cached, 0, 'the second build took something from a cache')
      const [one, other] = [releasedFiles(first), releasedFiles(second)]
      for (const name of EXPECTED) assert.ok(one.has(name), `${name} was not released`)
      const different = differing(one, other)
      if (different.length === 0) return
      const { out } = await call(`${first.repo}/image/bt`, ['graph', '--json', ...options])
      const { recipes } = JSON.parse(out) as { recipes: { name: string }[] }
      const order = recipes.map(({ name }) => name)
      assert.fail(`${different.join(', ')} differ. ${firstDifference(first, second, order)}`)
    })
  })
}
