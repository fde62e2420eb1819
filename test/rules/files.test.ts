/** Files stay small, have telling names and say nothing about the machine they were written on. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { none } from './none.ts'
import { files, read, REPO, sources } from './sources.ts'

const lines = (path: string) => read(path).split('\n').length - 1

/** Made by programs, or data that tests compare with. */
const made = (path: string) => path.startsWith('test/golden/') || path.includes('.generated.')

describe('sources', () => {
  const sized = sources()
    .filter(path => !made(path))
    .map(path => ({ path, lines: lines(path) }))
    .sort((a, b) => a.lines - b.lines)
  const at = (share: number) => sized[Math.floor((sized.length - 1) * share)]!

  it('are seen', () => {
    assert.ok(sized.length > 50, `${sized.length} sources seen`)
  })

  it('have a median of at most 90 lines and a 95th percentile of at most 300', () => {
    assert.ok(at(0.5).lines <= 90, `the median is ${at(0.5).lines}`)
    assert.ok(at(0.95).lines <= 300, `the 95th percentile is ${at(0.95).lines}, ${at(0.95).path}`)
  })

  it('have at most 500 lines each', () => {
    none(
      sized.filter(file => file.lines > 500),
      'files are too long',
    )
  })

  it('are no barrels and lie in no catch-all folder', () => {
    const vague = /(^|\/)(index\.m?ts$|(utils?|lib|common|helpers?|misc)(\/|\.m?ts$))/
    none(
      sources().filter(path => vague.test(path)),
      'names say nothing',
    )
  })

  it('have default exports only as recipes', () => {
    const found = sources().filter(
      path =>
        /^export default |^export \{[^}]*\bas default\b/m.test(
          read(path).replaceAll(/`[^`]*`/g, ''),
        ) && !/^recipes\//.test(path),
    )
    none(found, 'files have default exports')
  })

  it('begin with a comment that says what they are, recipes and tests aside', () => {
    const silent = sources().filter(
      path => !/^recipes\/|\.d\.mts$|\.test\.ts$/.test(path) && !/\/\*\*/.test(read(path)),
    )
    none(silent, 'files do not say what they are')
  })
})

describe('tracked files', () => {
  const texts = files()
    .filter(path => !/\.(png|ico|woff2|gz|zst|img|bin|node)$/.test(path))
    .map(path => ({ path, text: readFileSync(join(REPO, path), 'utf8') }))

  const containing = (pattern: RegExp, except: readonly string[] = []) =>
    texts
      .filter(({ path }) => !except.includes(path))
      .flatMap(({ path, text }) => {
        const found = pattern.exec(text)
        return found === null ? [] : [`${path}: ${found[0]}`]
      })

  it('name no folder of the machine they were made on', () => {
    const home = homedir() === '/root' ? [] : [homedir()]
    const here = [REPO, ...home].filter(folder => folder.split('/').length > 2)
    const literal = here.map(folder => folder.replaceAll(/[^\w/]/g, '\\$&'))
    const known = String.raw`/(?:work/(?:main|shared|\.library)|home/[a-z]\w*/|Users/\w)`
    const pattern = new RegExp(`(?<![\\w.}$-])(?:${[known, ...literal].join('|')})\\b`)
    none(containing(pattern, ['test/rules/files.test.ts']), 'files name folders')
  })

  it('name only well-known hosts in addresses', () => {
    const known =
      /^(localhost|[a-z]|127\.|10\.77\.|\[|\$|<|.*\.(test|example|invalid|lan)$|(www\.)?(github\.com|w3\.org|apache\.org|spdx\.(org|dev)|cyclonedx\.org|in-toto\.io|slsa\.dev|debian\.org|kernel\.org|uapi-group\.org|freedesktop\.org|reuse\.software|nodejs\.org|no-color\.org|blocktree\.\w+|keepachangelog\.com|semver\.org|rfc-editor\.org|json-schema\.org|example\.(com|org|net))$)/
    const strange = texts
      .filter(({ path }) => path !== 'package-lock.json' && !/^(LICENSE|LICENSES\/)/.test(path))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/\bhttps?:\/\/([^\s/'"`)>\\]+)/g)].map(match => ({
          path,
          host: match[1]!,
        })),
      )
      .filter(({ host }) => !known.test(host.replace(/:\d+$/, '').replace(/[.,;:]+$/, '')))
    none(strange, 'addresses of unknown hosts')
  })

  it('lock npm packages by hash, not by the mirror they came from', () => {
    const lock = JSON.parse(read('package-lock.json')).packages as Record<string, object>
    const entries = Object.entries(lock).filter(([path]) => path !== '')
    assert.ok(entries.length > 20, `${entries.length} packages seen`)
    none(
      entries.filter(([, entry]) => 'resolved' in entry),
      'entries name a mirror',
    )
    none(
      entries.filter(([, entry]) => !('integrity' in entry)),
      'entries have no hash',
    )
  })

  it('hold no file over 2 MiB', () => {
    none(
      texts.filter(({ text }) => text.length > 2 << 20).map(({ path }) => path),
      'files are too large',
    )
  })
})
