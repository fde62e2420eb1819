/** Bundles of small programs, run by Node or read. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { verb } from '../../../image/verbs/bundle.ts'
import { steps, type Steps } from './call.ts'

// Quoted apart, so that the rule on imports does not take these for imports of this file.
const [adder, absent, stray] = ['adder', 'not-installed', 'stray'].map(name => `'${name}'`)

let here: Steps
beforeEach(() => {
  here = steps()
  write(
    'src/main.ts',
    `import { word } from './word.ts'\nimport { add } from ${adder}\nsay(word, add(1, 2), VERSION)\nfunction say(...all: unknown[]): void { console.log(...all) }\ndeclare const VERSION: string\n`,
  )
  write('src/word.ts', `export const word: string = 'grüße'\n`)
  write('work/node_modules/adder/package.json', '{ "name": "adder", "main": "adder.js" }')
  write('work/node_modules/adder/adder.js', 'exports.add = (a, b) => a + b')
})
afterEach(() => here.end())

function write(path: string, text: string): void {
  mkdirSync(dirname(here.at(path)), { recursive: true })
  writeFileSync(here.at(path), text)
}
const bundle = (line: string) => here.call(verb, line, { src: here.at('src') })
const LINE = 'src/main.ts out/main.cjs --modules work --define VERSION=1.2.3'

describe('bundle', () => {
  it('makes one CommonJS script with imports, packages and defined names', async () => {
    assert.deepEqual(await bundle(LINE), [])
    const said = execFileSync(process.execPath, [here.at('out/main.cjs')], { encoding: 'utf8' })
    assert.equal(said, 'grüße 3 1.2.3\n')
  })

  it('makes the same bytes in another folder, that name no folder', async () => {
    await bundle(LINE)
    const first = readFileSync(here.at('out/main.cjs'), 'utf8')
    for (const part of ['src', 'work'])
      cpSync(here.at(part), here.at('moved', part), { recursive: true })
    const line = 'moved/src/main.ts moved/main.cjs --modules moved/work --define VERSION=1.2.3'
    await here.call(verb, line, { src: here.at('moved/src') })
    assert.equal(readFileSync(here.at('moved/main.cjs'), 'utf8'), first)
    assert.ok(!first.includes(here.folder))
  })

  it('leaves out what a defined name makes unreachable', async () => {
    write(
      'src/main.ts',
      `declare const VERSION: string | undefined
       if (typeof VERSION === 'string') console.log(VERSION)
       else void import(${absent}).then(() => console.log(import.meta.dirname))`,
    )
    assert.deepEqual(await bundle(LINE), [])
    assert.doesNotMatch(readFileSync(here.at('out/main.cjs'), 'utf8'), /not-installed/)
  })

  it('makes a module for browsers', async () => {
    write('src/main.ts', `import { word } from './word.ts'\nexport const text = word`)
    await bundle('src/main.ts out/app.js --for browser')
    assert.match(readFileSync(here.at('out/app.js'), 'utf8'), /export\s*\{/)
  })

  it('takes nothing but sources and the given modules', async () => {
    write('secret.ts', 'export const word = 1')
    write('src/main.ts', `import { word } from '../secret.ts'\nconsole.log(word)`)
    await assert.rejects(
      bundle(LINE),
      /main\.ts imports .*secret\.ts, which is neither a source nor/,
    )
    write('node_modules/stray/index.js', 'exports.stray = 1')
    write('src/main.ts', `import { stray } from ${stray}\nconsole.log(stray)`)
    await assert.rejects(bundle(LINE), /stray.*neither a source nor a given module/)
  })

  it('names what does not fit', async () => {
    const rows = [
      ['src/main.ts', /usage: bundle/],
      ['src/main.ts out/a b', /usage: bundle/],
      ['src/none.ts out/a', /Could not resolve/],
      ['src/main.ts out/a --for phone', /--for is 'phone', node or browser expected/],
      ['src/main.ts out/a --define VERSION', /--define is 'VERSION', NAME=TEXT expected/],
      ['src/main.ts out/a --minify', /Unknown option '--minify'/],
      ['src/main.ts out/main.cjs', /Could not resolve "adder"/],
    ] as const
    for (const [line, message] of rows) await assert.rejects(bundle(line), message, line)
    write('src/main.ts', 'await 1')
    await assert.rejects(bundle(LINE), /Top-level await/)
  })
})
