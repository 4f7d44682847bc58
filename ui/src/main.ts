import './styles/tokens.css';
import './styles/base.css';
import './styles/silhouettes.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { app } from './lib/app.svelte';

// Zoom, contrast and language are on the root before anything is painted.
void app.start().then(() => {
  const target = document.getElementById('app');
  if (target) mount(App, { target });
});
