/**
 * Runs a program inside a tree as if it were the whole system: for compilers, which find their parts
 * by absolute paths. A user namespace and a private mount namespace make `chroot` possible without
 * root; nothing of the host is seen but /dev and /proc, and the network is cut off. The folder WORK
 * is `/work`, where the program starts; nothing else can be written, so the tree stays as it was.
 */
import { resolve } from 'node:path'
import { endGroup, start } from '../spawn.ts'
import type { Verb } from './verb.ts'

const ENTER = `set -e
mount --make-rprivate /
mount --bind "$1" "$1"
mount -o remount,bind,ro "$1"
mount --bind "$2" "$1/work"
mount --rbind /dev "$1/dev"
mount -t proc proc "$1/proc" 2>/dev/null || mount --rbind /proc "$1/proc"
mount -t tmpfs tmp "$1/tmp"
root=$1
shift 2
exec chroot "$root" /usr/bin/env --chdir=/work "$@"`

export const verb: Verb = {
  usage: 'inside TREE WORK PROGRAM ARGUMENT…',
  about: 'runs a program with TREE as / and WORK as /work, without network',
  async run({ args, cwd, env, print }) {
    const [tree, work, ...command] = args
    if (tree === undefined || work === undefined || command.length === 0)
      throw new Error('found too few arguments, expected: inside TREE WORK PROGRAM ARGUMENT…')
    const root = process.getuid?.() === 0
    const unshare = ['--mount', '--net', '--pid', '--fork', '--kill-child']
    const child = start(
      '/usr/bin/unshare',
      [
        ...(root ? unshare : ['--map-root-user', ...unshare]),
        '/bin/sh',
        '-c',
        ENTER,
        'inside',
        resolve(cwd, tree),
        resolve(cwd, work),
        ...command,
      ],
      {
        env: {
          PATH: '/usr/bin:/usr/sbin:/bin:/sbin',
          HOME: '/work',
          TMPDIR: '/tmp',
          LC_ALL: 'C.UTF-8',
          TZ: 'UTC',
          SOURCE_DATE_EPOCH: env['SOURCE_DATE_EPOCH'],
        },
      },
    )
    let tail = ''
    const hear = (chunk: Buffer) => {
      tail = (tail + chunk.toString()).slice(-4000)
      for (const line of chunk.toString().split('\n')) if (line !== '') print(line)
    }
    child.stdout!.on('data', hear)
    child.stderr!.on('data', hear)
    const stop = () => endGroup(child, 'SIGKILL')
    process.once('exit', stop)
    const code = await new Promise((done, fail) => {
      child.once('error', fail)
      child.once('close', (status, signal) => done(status ?? signal))
    })
    process.removeListener('exit', stop)
    if (code === 0) return
    if (/unshare: .*(Operation not permitted|failed)/.test(tail))
      throw new Error(
        `user namespaces are not permitted here (${tail.trim()}): allow them, or build as root; bt doctor says how`,
      )
    throw new Error(`${command[0]} ended with ${code as string}: ${tail.trim().slice(-1500)}`)
  },
}
