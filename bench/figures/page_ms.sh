# How long the page of a long plan takes to open and to filter in Chromium, where there is one.
rows=${BENCH_PAGE_ROWS:-100000}

if command -v chromium > /dev/null || command -v chromium-browser > /dev/null; then
  mkdir -p "$work/page"
  "$LUA" bench/page.lua "$rows" "$work/page" > "$work/page.figures"
  read -r opened filtered size < "$work/page.figures"
  heading "A page of $rows rows in Chromium"
  row "the page" "$size" "MiB"
  figure page_open_ms "$opened" most 3000
  figure page_filter_ms "$filtered" most 200
fi
