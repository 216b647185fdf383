import { Button, CloseButton } from '@mantine/core';
import { IconPhoneIncoming } from '@tabler/icons-react';
import classes from './pop-banner.module.css';

/** A screen pop that opened beside a form with unsaved changes. */
export interface PoppedBeside {
  /** Whom the pop shows. */
  title: string;
  /** The tab with the form. */
  from: string;
  /** What has unsaved changes there. */
  what: string;
}

interface PopBannerProps {
  beside: PoppedBeside;
  onBack: () => void;
  onClose: () => void;
}

/** Says that the caller's page has opened beside unsaved work, and leads back to it. */
export function PopBanner({ beside, onBack, onClose }: PopBannerProps) {
  return (
    <div className={classes.banner} role="status" data-testid="pop-banner">
      <IconPhoneIncoming size={17} stroke={1.8} aria-hidden />
      <span className={classes.text}>
        <strong>Incoming: {beside.title}</strong> opened in a tab of its own; your changes to {beside.what}{' '}
        are kept.
      </span>
      <Button variant="default" size="compact-xs" onClick={onBack}>
        Back to my changes
      </Button>
      <CloseButton size="sm" aria-label="Dismiss" onClick={onClose} />
    </div>
  );
}
