import { MantineProvider } from '@mantine/core'
import { setNonce } from 'get-nonce'
import { RouterProvider } from '@tanstack/react-router'
import { useState } from 'react'
import { ConnectionProvider } from '../connection/connection.tsx'
import { createApplicationRouter } from './router.tsx'
import { readableVariables, theme } from './theme.ts'

/** The nonce that the server wrote into this page; the only inline styles that its policy lets through. */
const styleNonce = (): string =>
  document.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce ?? ''

// What keeps the page from scrolling below a dialog brings its style by itself.
setNonce(styleNonce())

/** All pages, with what they share. */
export function Application() {
  const [router] = useState(createApplicationRouter)
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={readableVariables}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <ConnectionProvider url={window.location.origin}>
        <RouterProvider router={router} />
      </ConnectionProvider>
    </MantineProvider>
  )
}
