import { AppShell, Burger, Group, NavLink, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { useRef } from 'react'
import { AccessNote } from '../connection/access-note.tsx'
import { onEscape } from '../dialog/on-escape.ts'
import { usePrintInLight } from '../printing/use-print-in-light.ts'
import { ColorSchemeSwitch } from './color-scheme-switch.tsx'
import { Logo } from './logo.tsx'
import { isWithin, pages } from './pages.ts'
import classes from './shell.module.css'
import { useTitleOfPart } from './use-page-title.ts'

/** What is around every page: where one can go, who one is, and light or dark. */
export function Shell() {
  const [isOpen, { toggle, close }] = useDisclosure(false)
  const burgerRef = useRef<HTMLButtonElement>(null)
  usePrintInLight()
  useTitleOfPart()
  const closeOnEscape = onEscape(() => {
    if (isOpen) burgerRef.current?.focus()
    close()
  })
  return (
    <AppShell
      header={{ height: { base: 52, sm: 0 } }}
      navbar={{ width: 208, breakpoint: 'sm', collapsed: { mobile: !isOpen } }}
      padding={0}
    >
      <a href="#content" className={classes['skip']}>
        Skip to the content
      </a>
      <AppShell.Header hiddenFrom="sm" className={classes['header']} onKeyDown={closeOnEscape}>
        <Burger
          ref={burgerRef}
          opened={isOpen}
          onClick={toggle}
          size="sm"
          aria-label={isOpen ? 'Close menu' : 'Open menu'}
          aria-expanded={isOpen}
        />
        <Logo />
      </AppShell.Header>
      <AppShell.Navbar
        className={classes['navbar']}
        data-closed={!isOpen || undefined}
        onKeyDown={closeOnEscape}
      >
        <Group visibleFrom="sm" className={classes['brand']}>
          <Logo />
        </Group>
        <Navigation onNavigate={close} />
        <Stack gap="xs" mt="auto">
          <AccessNote />
          <ColorSchemeSwitch />
        </Stack>
      </AppShell.Navbar>
      {/* What has the focus is not to lie below the menu of a narrow screen. */}
      <AppShell.Main id="content" tabIndex={-1} className={classes['main']} onFocus={close}>
        <Outlet />
      </AppShell.Main>
    </AppShell>
  )
}

function Navigation({ onNavigate }: { readonly onNavigate: () => void }) {
  const { pathname } = useLocation()
  return (
    <Stack gap={2}>
      {pages.map(({ to, label }) => (
        <NavLink
          key={to}
          component={Link}
          to={to}
          label={label}
          active={isWithin(pathname, to)}
          aria-current={isWithin(pathname, to) ? 'page' : undefined}
          className={classes['link'] ?? ''}
          onClick={onNavigate}
        />
      ))}
    </Stack>
  )
}
