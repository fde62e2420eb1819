/** What can go wrong between an image and a disk. */
export type FlashErrorCode =
  | 'FLASH_NOT_IMAGE' // the file is no Blocktree image
  | 'FLASH_IMAGE_DAMAGED' // the image does not hold what its block map says, or ends early
  | 'FLASH_NOT_DEVICE' // the target is no disk and no file
  | 'FLASH_PARTITION' // the target is part of a disk, or made of other disks
  | 'FLASH_SYSTEM_DISK' // the target holds the running system
  | 'FLASH_MOUNTED' // something on the target is mounted
  | 'FLASH_IN_USE' // swap, LVM, RAID, encryption or another program holds the target
  | 'FLASH_READ_ONLY' // the target is write-protected
  | 'FLASH_SECTOR_SIZE' // the target does not have 512-byte sectors
  | 'FLASH_TOO_SMALL' // the image does not fit
  | 'FLASH_NO_PERMISSION' // the user may not write the target
  | 'FLASH_NOT_CONFIRMED' // nobody said yes
  | 'FLASH_WRITE_FAILED' // the target did not take or give back bytes
  | 'FLASH_VERIFY_FAILED' // what was read back is not what was written
  | 'FLASH_ABORTED' // stopped on request

/** A disk that was not, or not completely, written. */
export class FlashError extends Error {
  readonly code: FlashErrorCode
  constructor(code: FlashErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'FlashError'
    this.code = code
  }
}
