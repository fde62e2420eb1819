/** The errors of the QEMU runner. */
export class QemuError extends Error {
  readonly code:
    | 'QMP_BAD_LINE'
    | 'QMP_CLOSED'
    | 'QMP_REFUSED'
    | 'VM_START'
    | 'KVM_UNUSABLE'
    | 'PORT_TAKEN'
    | 'DISK_BAD'
    | 'STATE_IN_USE'
  constructor(code: QemuError['code'], message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'QemuError'
    this.code = code
  }
}
