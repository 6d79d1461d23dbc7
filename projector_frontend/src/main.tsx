import { render as mount } from 'preact';
import { Client } from './api/client';
import { identityHeaders } from './api/identity';
import { createApp } from './app/app';
import { Page } from './view/Page';
import { STYLE } from './view/style';

/** TensorBoard imports this module into an empty frame of the same origin, and calls this once. */
export function render(): void {
  // Relative to the module, so that it works under any --path_prefix.
  const client = new Client(new URL('./', import.meta.url), undefined, identityHeaders);
  const style = document.createElement('style');
  style.textContent = STYLE;
  document.head.append(style);
  document.documentElement.lang = 'en';
  document.title = 'Label Projector';
  const app = createApp(client);
  mount(<Page app={app} />, document.body);
  app.start();
}
