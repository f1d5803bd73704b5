export default {
  framework: '@storybook/html-vite',
  stories: ['../*.stories.js'],
  staticDirs: ['../answers'],
  core: { disableTelemetry: true, disableWhatsNewNotifications: true },
};
