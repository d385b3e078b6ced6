import { App } from './app.ts';
import { debugView } from './debugview.ts';

const app = new App();
app.start();

// For tests and the curious: what the page knows, read only.
Object.defineProperty(window, 'muster', { value: debugView(app), enumerable: true });
