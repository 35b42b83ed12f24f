cd "$1" || exit 1
sleep 1
printf '{"protocol":1,"kind":"values","payload":{"answer_count":42}}\n' > result.json.tmp
mv result.json.tmp result.json
