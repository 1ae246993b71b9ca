import Theme from 'vitepress/theme';
import { MermaidDiagram } from './mermaid-diagram.mjs';
import './style.css';

export default {
  extends: Theme,
  enhanceApp: ({ app }) => app.component('MermaidDiagram', MermaidDiagram),
};
