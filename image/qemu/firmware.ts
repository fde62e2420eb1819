/**
 * The UEFI firmware of a machine: code that is shared and never written, and variables that belong
 * to one machine and start as a private copy of blank ones.
 */
import { copyFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Board } from '../../board/board.ts'
import { QemuError } from './error.ts'
import type { Toolset } from '../toolset.ts'

export type Firmware = { readonly code: string; readonly blankVars: string }

/**
 * Paths of the firmware for an architecture. `secureBoot` picks code that keeps its variables behind
 * SMM and checks signatures once keys are enrolled; the variables are blank (setup mode) both ways.
 *
 * @throws {QemuError} `VM_START` the tool set lacks it.
 */
export function firmware(tools: Toolset, arch: Board['arch'], secureBoot: boolean): Firmware {
  const share = join(tools.root, 'usr/share')
  const [code, blankVars] =
    arch === 'aarch64'
      ? [`AAVMF/AAVMF_CODE${secureBoot ? '.secboot' : '.no-secboot'}.fd`, 'AAVMF/AAVMF_VARS.fd']
      : [`OVMF/OVMF_CODE_4M${secureBoot ? '.secboot' : ''}.fd`, 'OVMF/OVMF_VARS_4M.fd']
  for (const file of [code, blankVars])
    if (!existsSync(join(share, file)))
      throw new QemuError('VM_START', `the tool set has no usr/share/${file}; fetch it again`)
  return { code: join(share, code), blankVars: join(share, blankVars) }
}

/** Makes a machine's own variables at `file`, unless it has some. */
export function ownVars(file: string, blankVars: string): void {
  if (!existsSync(file)) copyFileSync(blankVars, file)
}
