/**
 * Runs programs of the locked tool set `tools-mkosi` as if it were the whole system: with a root of
 * its own that is a mount point (mkosi calls pivot_root), writable for as long as the program runs,
 * and with the network. WORK is `/work`. Needs root, as mkosi needs several users.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPO } from '../../image/paths.ts'
import { run } from '../../image/spawn.ts'
import { timed, type Spent } from './cpu.ts'

const ENTER = `set -e
scratch=$1 tree=$2 work=$3
shift 3
mount --make-rprivate /
mount -t tmpfs tmpfs "$scratch"
mkdir "$scratch/upper" "$scratch/inner" "$scratch/root"
root=$scratch/root
mount -t overlay overlay -o "lowerdir=$tree,upperdir=$scratch/upper,workdir=$scratch/inner" "$root"
mount --bind "$work" "$root/work"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
for file in resolv.conf hosts; do cat "/etc/$file" >"$root/etc/$file"; done
for file in passwd group; do cp "$root/usr/share/base-passwd/$file.master" "$root/etc/$file"; done
for link in bin sbin lib lib64; do [ -e "$root/$link" ] || ln -s "usr/$link" "$root/$link"; done
exec chroot "$root" /usr/bin/env --chdir=/work "$@"
`

/** Why no peer can be run here; undefined when one can. */
export const noPeer =
  process.getuid?.() === 0 ? undefined : 'mkosi needs root here, as it makes files of several users'

/** The unpacked tool set, made when it is not in the cache. */
export async function peerTree(signal: AbortSignal): Promise<string> {
  const args = ['build', '--goal', 'tools-mkosi', '--json']
  const { stdout } = await run(join(REPO, 'image', 'bt'), args, { signal })
  return (JSON.parse(stdout.toString()) as { folder: string }).folder
}

/** Runs a command inside; what it takes does not include the unpacking of its tools. */
export function inPeer(
  tree: string,
  work: string,
  command: readonly string[],
  signal: AbortSignal,
): Promise<Spent> {
  const scratch = `${work}.root`
  mkdirSync(scratch, { recursive: true })
  mkdirSync(work, { recursive: true })
  const script = `${work}.sh`
  writeFileSync(script, ENTER)
  const unshare = ['--mount', '--pid', '--fork', '--kill-child', '/bin/sh', script]
  return timed('/usr/bin/unshare', [...unshare, scratch, tree, work, ...command], {
    env: { PATH: '/usr/bin:/usr/sbin', HOME: '/root', LC_ALL: 'C.UTF-8', TERM: 'dumb' },
    signal,
  })
}
