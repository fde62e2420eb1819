import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkTree, type CheckOptions } from '../../../image/elf/check.ts'
import { closure, finder } from '../../../image/elf/needs.ts'
import { findPrograms } from '../../../image/elf/tree.ts'
import { verb } from '../../../image/verbs/elfcheck.ts'
import { AARCH64, makeElf, type ElfSpec } from './make-elf.ts'
import { tree, type Files } from './tree.ts'

const LOADER = '/lib64/ld-linux-x86-64.so.2'
const program = (spec: ElfSpec = {}) =>
  makeElf({ type: 2, interpreter: LOADER, needed: ['libc.so.6'], ...spec })
const so = (soname: string, spec: ElfSpec = {}) => makeElf({ soname, ...spec })

const BASE: Files = {
  lib: '-> usr/lib',
  lib64: '-> usr/lib64',
  bin: '-> usr/bin',
  'usr/lib64/ld-linux-x86-64.so.2': so('ld-linux-x86-64.so.2'),
  'usr/lib/x86_64-linux-gnu/libc.so.6': so('libc.so.6'),
  'usr/bin/sh': program(),
}

/** Faults as `by: missing`. */
function faults(files: Files, options: CheckOptions = {}): string[] {
  return checkTree(tree({ ...BASE, ...files }), options).faults.map(
    f => `${f.kind} ${f.by}: ${f.missing}`,
  )
}

describe('checking what a tree needs', () => {
  it('finds nothing in a tree that is complete', () => {
    const files = {
      'usr/bin/a': program({ needed: ['liba.so.1', 'libc.so.6'] }),
      'usr/lib/liba.so.1.2': so('liba.so.1', { needed: ['libc.so.6'] }),
      'usr/lib/liba.so.1': '-> liba.so.1.2',
      'usr/lib/modules/x.ko': makeElf({ type: 1, needed: ['never'] }),
      'usr/bin/script': '#!/bin/sh -e\n',
      'usr/bin/env': program(),
      'usr/bin/by-env': '#! /usr/bin/env -S sh -x\n',
      'usr/share/data': '#not a script',
    }
    assert.deepEqual(checkTree(tree({ ...BASE, ...files })), {
      faults: [],
      elves: 6,
      scripts: 2,
      optional: 0,
    })
  })

  it('names file and library, of programs and of libraries nobody loads yet', () => {
    assert.deepEqual(
      faults({
        'usr/bin/a': program({ needed: ['libgone.so.1'] }),
        'usr/lib/libplugin.so.1': so('libplugin.so.1', { needed: ['libgone.so.2'] }),
      }),
      ['library /usr/bin/a: libgone.so.1', 'library /usr/lib/libplugin.so.1: libgone.so.2'],
    )
  })

  it('does not take a library that lies where the loader does not look', () => {
    const files = {
      'opt/x/libx.so.1': so('libx.so.1'),
      'usr/bin/a': program({ needed: ['libx.so.1'] }),
    }
    assert.deepEqual(faults(files), ['library /usr/bin/a: libx.so.1'])
    assert.deepEqual(faults({ ...files, 'etc/ld.so.conf': '/opt/x\n' }), [])
  })

  it('does not take a library of another machine, and names programs that are', () => {
    const arm = { machine: AARCH64 }
    assert.deepEqual(
      faults({
        'usr/lib/libx.so.1': so('libx.so.1', arm),
        'usr/bin/a': program({ needed: ['libx.so.1'] }),
      }),
      ['library /usr/bin/a: libx.so.1', 'machine /usr/lib/libx.so.1: aarch64'],
    )
  })

  it('names a loader, an interpreter and an interpreter by env that are missing', () => {
    const files = {
      'usr/bin/a': program({ interpreter: '/lib/ld-musl.so.1' }),
      'usr/bin/perl-script': '#!/usr/bin/perl -w\n',
      'usr/bin/env': program(),
      'usr/bin/py': '#!/usr/bin/env python3\n',
      'usr/bin/empty': '#!\n',
    }
    assert.deepEqual(faults(files), [
      'loader /usr/bin/a: /lib/ld-musl.so.1',
      'interpreter /usr/bin/empty: ',
      'interpreter /usr/bin/perl-script: /usr/bin/perl',
      'interpreter /usr/bin/py: python3',
    ])
    assert.equal(faults(files, { allowInterpreters: ['perl', 'python3'] }).length, 2)
  })

  it('takes a required dlopen for a need, and any other for an option', () => {
    const dlopen = (priority: string) =>
      JSON.stringify([{ soname: ['libz.so.1', 'libz.so.0'], priority }])
    const files = (priority: string) => ({ 'usr/bin/a': program({ dlopen: dlopen(priority) }) })
    assert.deepEqual(faults(files('required')), ['dlopen /usr/bin/a: libz.so.1 or libz.so.0'])
    assert.equal(checkTree(tree({ ...BASE, ...files('recommended') })).optional, 1)
    assert.deepEqual(faults({ ...files('required'), 'usr/lib/libz.so.0': so('libz.so.0') }), [])
  })

  it('asks for what is named besides: a path or a library', () => {
    const also = ['/usr/bin/sh', 'libc.so.6', '/usr/bin/none', 'libtss2.so.0']
    assert.deepEqual(faults({}, { also }), ['also : /usr/bin/none', 'also : libtss2.so.0'])
  })

  it('names the file that is malformed', () => {
    assert.throws(() => faults({ 'usr/bin/bad': program().subarray(0, 100) }), {
      code: 'ELF_MALFORMED',
      message: /^\/usr\/bin\/bad: /,
    })
  })
})

describe('search paths of the loader (ld.so(8))', () => {
  const needs = (files: Files, path: string) => {
    const root = tree({ ...BASE, ...files })
    const { elves } = findPrograms(root)
    const { libraries, missing } = closure(finder(root, elves).find, elves, path)
    libraries.delete('libc.so.6')
    return { libraries: Object.fromEntries(libraries), missing: missing.map(m => m.name) }
  }
  const x = so('libx.so.1')

  it('RUNPATH goes before the standard folders, $ORIGIN is where the file is', () => {
    const files = { 'opt/a/lib/libx.so.1': x, 'usr/lib/libx.so.1': x }
    for (const runpath of ['$ORIGIN/../lib', '/none:${ORIGIN}/../lib', '/opt/a/lib'])
      assert.deepEqual(
        needs(
          { ...files, 'opt/a/bin/a': program({ needed: ['libx.so.1'], runpath }) },
          '/opt/a/bin/a',
        ),
        { libraries: { 'libx.so.1': '/opt/a/lib/libx.so.1' }, missing: [] },
      )
  })

  it('RPATH serves what is loaded by it as well, RUNPATH does not', () => {
    const files = (spec: ElfSpec): Files => ({
      'opt/libmid.so.1': so('libmid.so.1', { needed: ['libx.so.1'] }),
      'opt/libx.so.1': x,
      'usr/bin/a': program({ needed: ['libmid.so.1'], ...spec }),
    })
    assert.deepEqual(needs(files({ rpath: '/opt' }), '/usr/bin/a').missing, [])
    assert.deepEqual(needs(files({ runpath: '/opt' }), '/usr/bin/a').missing, ['libx.so.1'])
    assert.deepEqual(needs(files({ rpath: '/opt', runpath: '/none' }), '/usr/bin/a').missing, [
      'libmid.so.1',
    ])
    // The library alone would not load; a program that brings the path along is what counts.
    assert.deepEqual(faults(files({ rpath: '/opt' })), [])
  })

  it('a name that is loaded already is not searched again', () => {
    const files = {
      'opt/libx.so.1': x,
      'usr/lib/libmid.so.1': so('libmid.so.1', { needed: ['libx.so.1'] }),
      'usr/bin/a': program({ needed: ['libx.so.1', 'libmid.so.1'], runpath: '/opt' }),
    }
    assert.deepEqual(needs(files, '/usr/bin/a').missing, [])
  })

  it('a name with a slash is a path; -z nodeflib leaves the standard folders out', () => {
    const files = { 'opt/libx.so.1': x, 'usr/lib/libx.so.1': x }
    const a = (spec: ElfSpec) => ({ ...files, 'usr/bin/a': program(spec) })
    assert.deepEqual(needs(a({ needed: ['/opt/libx.so.1'] }), '/usr/bin/a').libraries, {
      '/opt/libx.so.1': '/opt/libx.so.1',
    })
    assert.deepEqual(needs(a({ needed: ['libx.so.1'], flags1: 0x800 }), '/usr/bin/a').missing, [
      'libx.so.1',
    ])
  })

  it('libraries that need each other do not go round in circles', () => {
    const files = {
      'usr/lib/libx.so.1': so('libx.so.1', { needed: ['liby.so.1'] }),
      'usr/lib/liby.so.1': so('liby.so.1', { needed: ['libx.so.1'] }),
      'usr/bin/a': program({ needed: ['libx.so.1'] }),
    }
    assert.deepEqual(Object.keys(needs(files, '/usr/bin/a').libraries), ['libx.so.1', 'liby.so.1'])
  })
})

describe('verb elfcheck', () => {
  const call = async (root: string, ...args: string[]) => {
    const printed: string[] = []
    await verb.run({ args, cwd: root, env: {}, print: line => printed.push(line) })
    return printed
  }

  it('says how much it checked', async () => {
    assert.deepEqual(await call(tree(BASE), '.', '--also', '/bin/sh,libc.so.6'), [
      '3 programs and libraries, 0 scripts, 0 optional features off',
    ])
  })

  it('fails with a line for each fault', async () => {
    const root = tree({
      ...BASE,
      'usr/bin/a': program({ needed: ['libgone.so.1'] }),
      'usr/bin/p': '#!/usr/bin/perl\n',
    })
    await assert.rejects(call(root, '.', '--also', 'libtss2.so.0'), {
      message:
        '3 things would not start; ship what is missing or drop who needs it:\n' +
        '  . was asked for: libtss2.so.0\n' +
        '  /usr/bin/a needs the library libgone.so.1\n' +
        '  /usr/bin/p is a script for /usr/bin/perl',
    })
    await assert.rejects(
      call(root, '.', '--allow-missing-interpreter', 'perl'),
      /^Error: something would not start/,
    )
  })

  it('refuses a folder without any program', async () => {
    await assert.rejects(call(tree({ x: 'text' }), '.'), /holds no program/)
    await assert.rejects(call(tree({}), 'none'), /there is no folder none/)
    await assert.rejects(call(tree({})), /usage: elfcheck ROOT/)
  })
})
