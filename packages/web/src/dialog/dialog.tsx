import { Modal } from '@mantine/core'
import type { ReactNode } from 'react'
import { useFocusGivenBack } from './use-focus-given-back.ts'

/** What a dialog is about, and who is told when it is left. */
export interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  /** Whether a click beside it leaves it; unless given, it does. */
  readonly closesByClickBeside?: boolean
  readonly children: ReactNode
}

/** Above the page for as long as it is drawn; Escape leaves it, and what had the focus before has it again. */
export function Dialog({ title, onClose, closesByClickBeside = true, children }: DialogProps) {
  useFocusGivenBack()
  return (
    <Modal
      opened
      onClose={onClose}
      title={title}
      closeOnClickOutside={closesByClickBeside}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {children}
    </Modal>
  )
}
