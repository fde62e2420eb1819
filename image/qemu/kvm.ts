/**
 * Whether guests of a board really run with KVM here. That `/dev/kvm` opens proves nothing: on some
 * nested hosts QEMU starts and the guest stands still or dies. So a tiny firmware is booted with the
 * very machine and processor that the image would get, and has to end by itself in time. The verdict
 * is kept until the machine restarts.
 */
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Board } from '../../board/board.ts'
import { readJson, writeAtomic } from '../engine/atomic.ts'
import { endGroup } from '../spawn.ts'
import type { Toolset } from '../toolset.ts'
import { startTied } from './child.ts'
import { QemuError } from './error.ts'
import { dataFolders, processorArguments, qemuProgram, type Accel } from './machine.ts'
import { PROBE_STATUS_ARM, probeRomArm } from './probe-arm.ts'
import { PROBE_DEVICE_X86, PROBE_STATUS_X86, probeRomX86 } from './probe-x86.ts'

/** The firmware takes 0.4 s where KVM works; where it does not, it would take minutes. */
const PROBE_MS = 10_000

export type Verdict = {
  readonly works: boolean
  /** Why not, for people; empty when it works. */
  readonly reason: string
}

/** Which accelerator a run gets. */
export type Choice = { readonly accel: Accel; readonly verdict: Verdict | undefined }

/**
 * Picks the accelerator: `wanted`, or KVM where it works.
 *
 * @param cache  Folder that keeps the verdict.
 * @throws {QemuError} `KVM_UNUSABLE` when KVM is wanted and does not work, with the reason.
 */
export async function chooseAccel(
  tools: Toolset,
  board: Board,
  wanted: Accel | undefined,
  cache: string,
): Promise<Choice> {
  if (wanted === 'tcg') return { accel: 'tcg', verdict: undefined }
  const verdict = await kvmVerdict(tools, board, cache)
  if (wanted === 'kvm' && !verdict.works)
    throw new QemuError(
      'KVM_UNUSABLE',
      `--kvm: guests do not run with KVM here: ${verdict.reason}; leave it out to emulate`,
    )
  return { accel: verdict.works ? 'kvm' : 'tcg', verdict }
}

/** The verdict of this start of the machine, from `cache` or by trying. */
export async function kvmVerdict(tools: Toolset, board: Board, cache: string): Promise<Verdict> {
  const file = join(cache, `kvm-${board.arch}.json`)
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  const known = readJson<Verdict & { boot: string; tools: string }>(file)
  if (known?.boot === boot && known.tools === tools.root && typeof known.works === 'boolean')
    return { works: known.works, reason: `${known.reason}` }
  const refused = refusal(board)
  // Cheap to find out again, and it changes with the user and their groups.
  if (refused !== undefined) return { works: false, reason: refused }
  const verdict = await probe(tools, board, 'kvm')
  writeAtomic(file, JSON.stringify({ ...verdict, boot, tools: tools.root }))
  return verdict
}

/** Keeps for the rest of this start of the machine that KVM failed with a real guest. */
export function noteKvmFailure(tools: Toolset, board: Board, cache: string, reason: string): void {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  const verdict = { works: false, reason, boot, tools: tools.root }
  writeAtomic(join(cache, `kvm-${board.arch}.json`), JSON.stringify(verdict))
}

function refusal(board: Board): string | undefined {
  const host = process.arch === 'arm64' ? 'aarch64' : 'x86_64'
  if (host !== board.arch) return `this machine is ${host}, the board is ${board.arch}`
  try {
    accessSync('/dev/kvm', constants.R_OK | constants.W_OK)
    return undefined
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES'
      ? 'no permission for /dev/kvm (join the group kvm)'
      : 'there is no /dev/kvm'
  }
}

/** Boots the probing firmware with `accel`; under `tcg` it shows that the firmware itself is good. */
export async function probe(tools: Toolset, board: Board, accel: Accel): Promise<Verdict> {
  const folder = mkdtempSync(join(tmpdir(), 'bt-probe-'))
  const x86 = board.arch === 'x86_64'
  const rom = join(folder, 'rom')
  writeFileSync(rom, x86 ? probeRomX86() : probeRomArm())
  const qemu = startTied(join(tools.bin, qemuProgram(board)), [
    ...dataFolders(tools),
    ...['-nodefaults', '-no-user-config', '-display', 'none', '-no-reboot', '-m', '64M'],
    ...processorArguments(board, accel),
    ...['-bios', rom, ...(x86 ? PROBE_DEVICE_X86 : [])],
  ])
  const late = setTimeout(() => endGroup(qemu.child, 'SIGKILL'), PROBE_MS)
  try {
    const { status } = await qemu.ended
    if (status === (x86 ? PROBE_STATUS_X86 : PROBE_STATUS_ARM)) return { works: true, reason: '' }
    const line = qemu.said().trim().split('\n')[0]
    const stuck = `a guest did not get anywhere in ${PROBE_MS / 1000} s`
    return { works: false, reason: status === null ? line || stuck : line || `status ${status}` }
  } finally {
    clearTimeout(late)
    rmSync(folder, { recursive: true, force: true })
  }
}
