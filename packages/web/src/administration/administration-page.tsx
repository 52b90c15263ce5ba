import { Stack, Tabs, Title } from '@mantine/core'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { type AdministrationTab, administrationTabs } from './administration-search.ts'
import { HealthPanel } from './health-panel.tsx'
import { HoldsPanel } from './holds-panel.tsx'
import { KeysPanel } from './keys-panel.tsx'
import { RetentionPanel } from './retention-panel.tsx'

const words: Readonly<Record<AdministrationTab, string>> = {
  retention: 'Retention',
  holds: 'Holds',
  keys: 'Keys',
  health: 'Health',
}

/** `/administration`: for how long what is kept, what is held, who has keys, and how the server does. */
export function AdministrationPage() {
  const { tab = 'retention' } = useSearch({ from: '/administration' })
  const navigate = useNavigate({ from: '/administration' })
  const change = (value: string | null): void =>
    void navigate({ search: { tab: administrationTabs.find((each) => each === value) } })
  return (
    <Stack className="page" gap="md">
      <Title order={1} size="h3">
        Administration
      </Title>
      <Tabs value={tab} onChange={change} keepMounted={false}>
        <Tabs.List mb="md">
          {administrationTabs.map((each) => (
            <Tabs.Tab key={each} value={each}>
              {words[each]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="retention">
          <RetentionPanel />
        </Tabs.Panel>
        <Tabs.Panel value="holds">
          <HoldsPanel />
        </Tabs.Panel>
        <Tabs.Panel value="keys">
          <KeysPanel />
        </Tabs.Panel>
        <Tabs.Panel value="health">
          <HealthPanel />
        </Tabs.Panel>
      </Tabs>
    </Stack>
  )
}
