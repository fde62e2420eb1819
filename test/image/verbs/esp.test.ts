import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { memory } from '../../../image/disk/bytes.ts'
import { fatRanges } from '../../../image/disk/fat.ts'
import { run } from '../../../image/spawn.ts'
import { verb } from '../../../image/verbs/esp.ts'
import { find, lacking } from '../disk/tools.ts'
import { steps } from './call.ts'

const NEEDS = ['mkfs.vfat', 'mcopy', 'mmd']

describe('verb esp', () => {
  const { at, call, end } = steps()
  after(end)
  writeFileSync(at('boot.efi'), Buffer.alloc(100_000, 'efi'))
  writeFileSync(at('loader.conf'), 'timeout 0\n')
  const FILES =
    'boot.efi=EFI/BOOT/BOOTX64.EFI boot.efi=EFI/Linux/bt_1.0.0+3.efi loader.conf=loader/loader.conf'

  it(
    'makes the same volume whatever the clock, zone and settings',
    { skip: lacking(...NEEDS) },
    async () => {
      await call(verb, `a.img --size 34 --id s ${FILES}`)
      utimesSync(at('boot.efi'), 1, 1)
      mkdirSync(at('home'))
      writeFileSync(at('home', '.mtoolsrc'), 'mtools_lower_case=1\nmtools_no_vfat=1\n')
      await call(verb, `b.img --size 34 --id s ${FILES.split(' ').reverse().join(' ')}`, {
        TZ: 'Asia/Tokyo',
        HOME: at('home'),
      })
      assert.ok(readFileSync(at('a.img')).equals(readFileSync(at('b.img'))))
      await call(verb, `b.img --size 34 --id other ${FILES}`)
      assert.ok(!readFileSync(at('a.img')).equals(readFileSync(at('b.img'))))
    },
  )

  for (const size of [34, 128, 300])
    it(
      `makes FAT32 that checks clean at ${size} MiB`,
      { skip: lacking(...NEEDS, 'fsck.vfat', 'mtype') },
      async () => {
        await call(verb, `c.img --size ${size} --id s --label BT ${FILES}`)
        await run(find('fsck.vfat')!, ['-n', at('c.img')])
        const ranges = fatRanges(memory(readFileSync(at('c.img'))))
        assert.ok(ranges.reduce((n, [from, to]) => n + to - from, 0) >= 200_000)
        const { stdout } = await run(find('mtype')!, ['-i', at('c.img'), '::loader/loader.conf'])
        assert.equal(stdout.toString(), 'timeout 0\n')
      },
    )

  it('refuses paths and sizes that make no sense', async () => {
    for (const pair of [
      'boot.efi',
      '=x',
      'boot.efi=',
      'boot.efi=a//b',
      'boot.efi=../x',
      'boot.efi=a?b',
    ])
      await assert.rejects(call(verb, `x.img --size 64 --id s ${pair}`), /is not FILE=PATH_IN_ESP/)
    for (const size of ['0', '33', '1.5', 'x'])
      await assert.rejects(call(verb, `x.img --size ${size} --id s`), /--size is/)
    await assert.rejects(call(verb, 'x.img --size 64'), /usage: esp/)
  })

  it('says which file does not fit', { skip: lacking(...NEEDS) }, async () => {
    writeFileSync(at('huge.efi'), Buffer.alloc(36 * 2 ** 20))
    await assert.rejects(call(verb, 'x.img --size 34 --id s huge.efi=huge.efi'), /full/i)
  })
})
