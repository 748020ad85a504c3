import type { Settings, SettingsChange } from '../../../api/schemas/settings.ts';
import { call } from '../../api/client.ts';
import { useAction, type Action } from '../../api/use-action.ts';
import { useNotify } from '../../frame/notifications.tsx';

/** What forms of the console's own notes are given. */
export interface OwnSettingsProperties {
  readonly instance: string;
  readonly settings: Settings;
  readonly isReadOnly: boolean;
  readonly onSaved: (settings: Settings) => void;
}

export function useSaveSettings({ instance, onSaved }: OwnSettingsProperties): Action<[SettingsChange, string]> {
  const notify = useNotify();
  return useAction(async (signal, body: SettingsChange, said: string) => {
    const saved = await call('PATCH /instances/{name}/settings', { parameters: { name: instance }, body, signal });
    notify({ type: 'success', header: said });
    onSaved(saved);
  });
}
