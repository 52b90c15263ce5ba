import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

const petrol: MantineColorsTuple = [
  '#e6f7f9',
  '#cfe9ed',
  '#a0d2da',
  '#6dbac6',
  '#45a6b5',
  '#2c99aa',
  '#1b8fa1',
  '#0b7285',
  '#076577',
  '#005768',
]

/** How the pages look: the fonts of the reader's system, since nothing is loaded from elsewhere. */
export const theme = createTheme({
  primaryColor: 'petrol',
  // One that white can be read on, in light and in dark.
  primaryShade: 7,
  autoContrast: true,
  colors: { petrol },
  defaultRadius: 'md',
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, SFMono-Regular, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  headings: { fontWeight: '650' },
})

const readable = {
  '--mantine-color-dimmed': 'var(--faint)',
  '--mantine-color-placeholder': 'var(--faint)',
  '--mantine-color-error': 'var(--fail)',
}

/** Secondary text, and what is said of a mistake, is dark enough, or light enough, to be read by everybody. */
export const readableVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: readable,
  dark: readable,
})
