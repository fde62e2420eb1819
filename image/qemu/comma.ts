/** A value inside a QEMU option, where a comma ends the value unless it is doubled. */
export function comma(value: string): string {
  return value.replaceAll(',', ',,')
}
