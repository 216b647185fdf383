import { renderApp } from '../ui/app-provider.tsx';
import { Wallboard } from './wallboard.tsx';

renderApp(<Wallboard />, { forceColorScheme: 'dark' });
