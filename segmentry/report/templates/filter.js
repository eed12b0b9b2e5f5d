/* Shows the cards, blocks and rows that have every typed word; without words, all of them. */
(() => {
  const box = document.querySelector('.filter');
  const field = box.querySelector('input');
  const status = box.querySelector('[role=status]');
  const blocks = [...document.querySelectorAll('main [data-item]')];
  const rows = [...document.querySelectorAll('main .card, main tbody tr')]
    .filter(item => !item.closest('[data-item]'));
  const items = [...blocks, ...rows];
  if (!items.length) return;
  const texts = items.map(item => item.textContent.toLowerCase());
  box.hidden = false;
  field.addEventListener('input', () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    items.forEach((item, n) => {
      item.hidden = !words.every(word => texts[n].includes(word));
      shown += item.hidden ? 0 : 1;
    });
    document.body.classList.toggle('filtered', words.length > 0);
    status.textContent = words.length ? `${shown} of ${items.length} shown` : '';
  });
})();
