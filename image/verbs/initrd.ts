import { lstatSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { writeCpio, type CpioEntry } from '../disk/cpio.ts'
import type { Verb } from './verb.ts'

/**
 * Packs a folder as initramfs, uncompressed: compressed ones ruin the deltas of updates. Permissions
 * are 755 for folders and whatever can be executed, else 644, whatever the builder's umask was.
 */
export const verb: Verb = {
  usage: 'initrd FOLDER OUT.cpio [--devices FILE] [--time SECONDS]',
  about: 'packs a folder as uncompressed initramfs, with the device nodes listed in a file',

  async run({ args, cwd, env }) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { devices: { type: 'string' }, time: { type: 'string' } },
    })
    const [folder, out, ...extra] = positionals
    if (!folder || !out || extra.length > 0) throw new Error(`usage: ${verb.usage}`)
    const time = values.time ?? env['SOURCE_DATE_EPOCH'] ?? '0'
    if (!/^[0-9]{1,10}$/.test(time) || Number(time) > 0xffffffff)
      throw new Error(`time is '${time}', seconds since 1970 expected`)
    const entries = readTree(resolve(cwd, folder), '')
    if (values.devices !== undefined)
      entries.push(...parseDevices(readFileSync(resolve(cwd, values.devices), 'utf8')))
    writeFileSync(resolve(cwd, out), writeCpio(entries, Number(time)))
  },
}

function readTree(root: string, below: string): CpioEntry[] {
  return readdirSync(join(root, below)).flatMap(name => {
    const path = below === '' ? name : `${below}/${name}`
    const full = join(root, path)
    const stat = lstatSync(full)
    if (stat.isDirectory()) return [{ path, mode: 0o040755 }, ...readTree(root, path)]
    if (stat.isSymbolicLink())
      return [{ path, mode: 0o120777, data: Buffer.from(readlinkSync(full)) }]
    if (stat.isFile())
      return [
        { path, mode: 0o100000 | (stat.mode & 0o111 ? 0o755 : 0o644), data: readFileSync(full) },
      ]
    throw new Error(`${path} is no file, folder or link; list devices with --devices`)
  })
}

/** Lines `c 600 5 1 dev/console`: type, permissions in octal, major, minor, path; `#` comments. */
function parseDevices(text: string): CpioEntry[] {
  return text.split('\n').flatMap((line, i) => {
    const plain = line.replace(/#.*/, '').trim()
    if (plain === '') return []
    const match = /^([bc]) ([0-7]{3,4}) ([0-9]{1,4}) ([0-9]{1,7}) (\S+)$/.exec(plain)
    if (!match)
      throw new Error(
        `line ${i + 1} of the devices is '${plain}', as in 'c 600 5 1 dev/console' expected`,
      )
    const type = match[1] === 'c' ? 0o020000 : 0o060000
    const device = [Number(match[3]), Number(match[4])] as const
    return [{ path: match[5]!, mode: type | parseInt(match[2]!, 8), device }]
  })
}
