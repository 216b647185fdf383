import { Component, type ReactNode } from 'react';
import { ErrorState } from './states.tsx';

/** Keeps a part that failed to render from taking the whole page, and a call with it, down. A new `key` starts afresh. */
export class ErrorBoundary extends Component<{ children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { error: error ?? new Error('unknown') };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    return <ErrorState error={this.state.error} onRetry={() => this.setState({ error: undefined })} />;
  }
}
