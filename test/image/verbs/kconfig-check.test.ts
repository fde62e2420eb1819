import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { verb } from '../../../image/verbs/kconfig-check.ts'
import { steps, type Steps } from './call.ts'

describe('kconfig-check', () => {
  let s: Steps
  beforeEach(() => (s = steps()))
  afterEach(() => s.end())
  const check = (fragment: string[], config: string[]) => {
    writeFileSync(s.at('fragment'), fragment.join('\n'))
    writeFileSync(s.at('.config'), config.join('\n'))
    return s.call(verb, 'fragment .config')
  }

  it('is content when every option of the fragment is in the configuration', async () => {
    const fragment = [
      '# network',
      '',
      'CONFIG_NET=y',
      'CONFIG_HZ=250',
      'CONFIG_CMDLINE="a=b c"',
      '# CONFIG_MODULES is not set',
      'CONFIG_USB=n',
    ]
    const config = [
      'CONFIG_NET=y',
      'CONFIG_HZ=250',
      'CONFIG_CMDLINE="a=b c"',
      '# CONFIG_USB is not set',
      'CONFIG_MORE=m',
    ]
    assert.deepEqual(await check(fragment, config), [
      '5 options of the fragment hold; 5 are set in all',
    ])
  })

  const LOST: [string, string, RegExp][] = [
    [
      'CONFIG_A=y',
      '# CONFIG_A is not set',
      /1 options of fragment did not.*: CONFIG_A=y \(is n\)$/,
    ],
    ['CONFIG_A=y', '', /CONFIG_A=y \(is n\)/],
    ['CONFIG_A=y', 'CONFIG_A=m', /CONFIG_A=y \(is m\)/],
    ['CONFIG_A=250', 'CONFIG_A=1000', /CONFIG_A=250 \(is 1000\)/],
    ['# CONFIG_A is not set', 'CONFIG_A=y', /CONFIG_A=n \(is y\)/],
    ['CONFIG_A=n', 'CONFIG_A=y', /CONFIG_A=n \(is y\)/],
    ['CONFIG_A=y', 'CONFIG_AB=y', /CONFIG_A=y \(is n\)/],
  ]
  for (const [wanted, found, message] of LOST)
    it(`refuses ${JSON.stringify(found)} where ${wanted} is wanted`, async () => {
      await assert.rejects(
        async () => check([wanted, 'CONFIG_B=y'], [found, 'CONFIG_B=y']),
        message,
      )
    })

  it('names all that are lost, and refuses another number of words', async () => {
    await assert.rejects(
      async () => check(['CONFIG_A=y', 'CONFIG_B=y'], []),
      /2 options.*CONFIG_A=y.*CONFIG_B=y/,
    )
    for (const line of ['', 'a', 'a b c'])
      await assert.rejects(
        async () => s.call(verb, line),
        /expected: kconfig-check FRAGMENT CONFIG/,
      )
  })
})
