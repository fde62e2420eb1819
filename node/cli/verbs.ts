/** The verbs that need nothing but a node directory, in the order of the help. */
import { mkdirVerb, mvVerb, rmVerb } from './change.ts'
import type { Command } from './command.ts'
import { fsckVerb, resealVerb } from './fsck.ts'
import { catVerb, getVerb } from './get.ts'
import { initVerb } from './init.ts'
import { lsVerb, statVerb } from './ls.ts'
import { nodeCollectVerb, nodeStatusVerb, principalVerb } from './node-status.ts'
import { putVerb } from './put.ts'
import { requestApproveVerb, requestDenyVerb, requestListVerb, requestVerb } from './request.ts'
import {
  rootBackupVerb,
  rootCreateVerb,
  rootPhraseVerb,
  rootRestoreVerb,
  rootRotateVerb,
  rootShowVerb,
} from './root.ts'
import { shareVerb, unshareVerb } from './share.ts'
import { versionsVerb } from './versions.ts'

export const NODE_VERBS: readonly Command[] = [
  initVerb,
  principalVerb,
  rootCreateVerb,
  rootShowVerb,
  rootBackupVerb,
  rootRestoreVerb,
  rootPhraseVerb,
  rootRotateVerb,
  putVerb,
  getVerb,
  catVerb,
  lsVerb,
  statVerb,
  mkdirVerb,
  mvVerb,
  rmVerb,
  versionsVerb,
  shareVerb,
  unshareVerb,
  requestVerb,
  requestListVerb,
  requestApproveVerb,
  requestDenyVerb,
  resealVerb,
  fsckVerb,
  nodeStatusVerb,
  nodeCollectVerb,
]
