/** What `bt build` says at its end. */
import { bytes, duration } from './progress.ts'

/** What a build says of itself, also with `--json`. */
export type BuildSummary = {
  readonly board: string
  readonly version: string
  /** Absolute path of the disk image. */
  readonly image: string
  readonly imageBytes: number
  readonly tasks: number
  readonly cached: number
  readonly seconds: number
}

/** `qemu-x86_64: 3 of 14 recipes made, 11 cached, 8.1 s, 690.0 MB` */
export function summaryLine({ board, tasks, cached, seconds, imageBytes }: BuildSummary): string {
  const what = cached === tasks ? 'nothing to do' : `${tasks - cached} of ${tasks} recipes made`
  return `${board}: ${what}, ${cached} cached, ${duration(seconds * 1000)}, ${bytes(imageBytes)}`
}
