// A server with an OpenAI-compatible API and exact timing, for tests and benches: one thread, epoll, every write on a
// schedule that doesn't drift. Linux. The first part of a request's path says how it behaves, as `name=value` joined by
// commas:
//
//     http://127.0.0.1:PORT/first=200,gap=20,per-chunk=2/v1
//
// first=200      ms from a request's arrival to its first chunk
// gap=20         ms from chunk to chunk
// per-chunk=1    tokens in each chunk
//
// So many tokens as `max_tokens` or `max_completion_tokens` of the request. It prints its port. `GET /stats` tells what it
// saw and how late its own writes were, since the last `GET /stats`.
//
// cc -O2 -o exact-server exact-server.c && ./exact-server [--realtime]
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef int64_t ns;

// Writes that are due within so long leave together: to wake up for each would take much of the cores from the client beside it.
static const ns TOGETHER = 100000;

static ns now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (ns)t.tv_sec * 1000000000 + t.tv_nsec;
}

typedef struct {
  int fd, is_open;
  unsigned turn; // of its requests: what is due for an earlier one is due no more
  char *in;
  size_t held, room;
  char *out; // what the socket did not take yet
  size_t waiting, out_room;
  int is_busy, is_chat, is_running, tokens, prompt, per_chunk, sent;
  ns begin, first, gap;
} Connection;

typedef struct { ns due; int connection; unsigned turn; } Event;

static Connection *connections;
static int most_connections, poll_fd;
static Event *heap;
static size_t events, event_room;

static struct {
  long connections, requests, writes, tokens, in_flight, most_in_flight;
  double *late_ms;
  size_t lates, late_room;
} seen;

static void push(Event event) {
  if (events == event_room) heap = realloc(heap, (event_room = event_room ? 2 * event_room : 1024) * sizeof *heap);
  size_t at = events++;
  for (; at > 0 && heap[(at - 1) / 2].due > event.due; at = (at - 1) / 2) heap[at] = heap[(at - 1) / 2];
  heap[at] = event;
}

static Event pop(void) {
  Event first = heap[0], last = heap[--events];
  size_t at = 0;
  for (size_t child; (child = 2 * at + 1) < events; at = child) {
    if (child + 1 < events && heap[child + 1].due < heap[child].due) child += 1;
    if (heap[child].due >= last.due) break;
    heap[at] = heap[child];
  }
  heap[at] = last;
  return first;
}

static void watch(Connection *c, int events_wanted, int how) {
  struct epoll_event event = { .events = events_wanted, .data.u32 = (uint32_t)(c - connections) };
  epoll_ctl(poll_fd, how, c->fd, &event);
}

static void close_connection(Connection *c) {
  if (!c->is_open) return;
  if (c->is_busy) seen.in_flight -= 1;
  close(c->fd);
  c->is_open = c->is_busy = 0;
  c->held = c->waiting = 0;
  c->turn += 1;
}

static void send_bytes(Connection *c, const char *bytes, size_t length) {
  if (c->waiting == 0) {
    ssize_t written = send(c->fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (written < 0 && errno != EAGAIN) return close_connection(c);
    if (written > 0) bytes += written, length -= (size_t)written;
    if (length == 0) return;
    watch(c, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
  }
  if (c->waiting + length > c->out_room) c->out = realloc(c->out, c->out_room = 2 * (c->waiting + length));
  memcpy(c->out + c->waiting, bytes, length);
  c->waiting += length;
}

static void flush_waiting(Connection *c) {
  ssize_t written = send(c->fd, c->out, c->waiting, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (written < 0) { if (errno != EAGAIN) close_connection(c); return; }
  memmove(c->out, c->out + written, c->waiting -= (size_t)written);
  if (c->waiting == 0) watch(c, EPOLLIN, EPOLL_CTL_MOD);
}

static void answer(Connection *c, int status, const char *body) {
  char text[4096];
  int length = snprintf(text, sizeof text, "HTTP/1.1 %d OK\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n%s",
                        status, strlen(body), body);
  send_bytes(c, text, (size_t)length);
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static void tell_stats(Connection *c) {
  qsort(seen.late_ms, seen.lates, sizeof *seen.late_ms, compare);
  size_t n = seen.lates;
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double cpu_s = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) + 1e-6 * (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  char body[512];
  snprintf(body, sizeof body,
           "{\"connections\":%ld,\"requests\":%ld,\"writes\":%ld,\"tokens\":%ld,\"most_in_flight\":%ld,\"late_p50_ms\":%.3f,\"late_p99_ms\":%.3f,"
           "\"late_max_ms\":%.3f,\"cpu_s\":%.3f}",
           seen.connections, seen.requests, seen.writes, seen.tokens, seen.most_in_flight, n ? seen.late_ms[n / 2] : 0,
           n ? seen.late_ms[n * 99 / 100] : 0, n ? seen.late_ms[n - 1] : 0, cpu_s);
  seen.connections = seen.requests = seen.writes = seen.tokens = 0;
  seen.most_in_flight = seen.in_flight;
  seen.lates = 0;
  answer(c, 200, body);
}

static ns due_of(const Connection *c) { return c->begin + c->first + (ns)(c->sent / c->per_chunk) * c->gap; }

// One chunk of HTTP that holds all the events.
static void send_events(Connection *c, const char *text, size_t length, const char *after) {
  char framed[4096];
  int size = snprintf(framed, sizeof framed, "%zx\r\n%.*s\r\n%s", length, (int)length, text, after);
  send_bytes(c, framed, (size_t)size);
}

static void write_chunk(Connection *c, int connection, ns due) {
  char text[2048], words[1024] = "", usage[160] = "";
  int count = c->per_chunk < c->tokens - c->sent ? c->per_chunk : c->tokens - c->sent;
  for (int word = 0; word < count && word < 200; word += 1) strcat(words, " the");
  c->sent += count;
  if (c->is_running)
    snprintf(usage, sizeof usage, ",\"usage\":{\"prompt_tokens\":%d,\"total_tokens\":%d,\"completion_tokens\":%d}", c->prompt,
             c->prompt + c->sent, c->sent);
  const char *kind = c->is_chat ? "chat.completion.chunk" : "text_completion";
  int length = snprintf(text, sizeof text,
                        c->is_chat ? "data: {\"id\":\"x\",\"object\":\"%s\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"},"
                                     "\"logprobs\":null,\"finish_reason\":null}]%s}\n\n"
                                   : "data: {\"id\":\"x\",\"object\":\"%s\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"text\":\"%s\","
                                     "\"logprobs\":null,\"finish_reason\":null}]%s}\n\n",
                        kind, words, usage);
  if (c->sent < c->tokens) {
    push((Event){ due_of(c), connection, c->turn });
    send_events(c, text, (size_t)length, "");
  } else {
    length += snprintf(text + length, sizeof text - (size_t)length,
                       "data: {\"id\":\"x\",\"object\":\"%s\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,%s,\"finish_reason\":\"length\"}]}\n\n"
                       "data: {\"id\":\"x\",\"object\":\"%s\",\"created\":1,\"model\":\"m\",\"choices\":[],\"usage\":{\"prompt_tokens\":%d,\"total_tokens\":%d,\"completion_tokens\":%d}}\n\n"
                       "data: [DONE]\n\n",
                       kind, c->is_chat ? "\"delta\":{}" : "\"text\":\"\"", kind, c->prompt, c->prompt + c->sent, c->sent);
    c->is_busy = 0;
    seen.in_flight -= 1;
    send_events(c, text, (size_t)length, "0\r\n\r\n");
  }
  seen.writes += 1;
  seen.tokens += count;
  if (seen.lates == seen.late_room)
    seen.late_ms = realloc(seen.late_ms, (seen.late_room = seen.late_room ? 2 * seen.late_room : 4096) * sizeof *seen.late_ms);
  seen.late_ms[seen.lates++] = (double)(now_ns() - due) / 1e6;
}

static double value_of(const char *behaviour, const char *name, double standard) {
  const char *found = strstr(behaviour, name);
  return found ? atof(found + strlen(name)) : standard;
}

static int number_after(const char *body, const char *key, int standard) {
  const char *found = strstr(body, key);
  return found ? atoi(found + strlen(key) + strspn(found + strlen(key), ": ")) : standard;
}

// Ids or words: what stands between the separators.
static int prompt_tokens(const char *body) {
  const char *ids = strstr(body, "\"prompt\":[");
  const char *text = strstr(body, "\"prompt\":\"");
  if (!text) text = strstr(body, "\"content\":\"");
  const char *from = ids ? ids + 10 : text ? text + 10 : NULL;
  int count = from != NULL;
  for (const char *at = from; at && *at && *at != (ids ? ']' : '"'); at += 1) count += *at == (ids ? ',' : ' ');
  return count;
}

static void begin_request(Connection *c, char *head, const char *body, ns received) {
  char *path = strchr(head, ' ');
  char *end = path ? strchr(path + 1, ' ') : NULL;
  if (!end) return close_connection(c);
  path += 1;
  *end = 0;
  if (strcmp(path, "/stats") == 0) return tell_stats(c);
  if (strstr(path, "/models")) return answer(c, 200, "{\"object\":\"list\",\"data\":[{\"id\":\"m\",\"object\":\"model\",\"owned_by\":\"exact\",\"max_model_len\":65536}]}");
  if (strstr(path, "/health")) return answer(c, 200, "{}");
  if (!strstr(path, "completions")) return answer(c, 404, "{}");
  c->is_chat = strstr(path, "chat/completions") != NULL;
  c->first = (ns)(1e6 * value_of(path, "first=", 200));
  c->gap = (ns)(1e6 * value_of(path, "gap=", 20));
  c->per_chunk = (int)value_of(path, "per-chunk=", 1);
  c->tokens = number_after(body, "\"max_tokens\"", number_after(body, "\"max_completion_tokens\"", 16));
  c->is_running = strstr(body, "\"continuous_usage_stats\":true") || strstr(body, "\"continuous_usage_stats\": true");
  c->prompt = prompt_tokens(body);
  c->begin = received;
  c->sent = 0;
  c->is_busy = 1;
  c->turn += 1;
  seen.requests += 1;
  if (++seen.in_flight > seen.most_in_flight) seen.most_in_flight = seen.in_flight;
  static const char opening[] = "HTTP/1.1 200 OK\r\nserver: exact\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
  send_bytes(c, opening, sizeof opening - 1);
  push((Event){ due_of(c), (int)(c - connections), c->turn });
}

// Takes whole requests out of what came.
static void take_requests(Connection *c, ns received) {
  while (c->is_open && c->held > 0) {
    char *head_end = memmem(c->in, c->held, "\r\n\r\n", 4);
    if (!head_end) return;
    size_t head = (size_t)(head_end - c->in) + 4;
    *head_end = 0;
    char *field = strcasestr(c->in, "\ncontent-length:");
    size_t length = field ? strtoul(field + 16, NULL, 10) : 0;
    if (c->held < head + length) { *head_end = '\r'; return; }
    char *body = c->in + head, kept = body[length];
    body[length] = 0;
    begin_request(c, c->in, body, received);
    body[length] = kept;
    if (c->held) memmove(c->in, body + length, c->held -= head + length);
  }
}

static void read_from(Connection *c) {
  for (;;) {
    if (c->room - c->held < 65537) c->in = realloc(c->in, c->room = c->room * 2 + 131072);
    ssize_t got = recv(c->fd, c->in + c->held, c->room - c->held - 1, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return close_connection(c);
    ns received = now_ns();
    c->held += (size_t)got;
    c->in[c->held] = 0;
    take_requests(c, received);
    if (!c->is_open) return;
  }
}

static void accept_all(int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0) return;
    if (fd >= most_connections) { close(fd); continue; }
    int yes = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    Connection *c = &connections[fd];
    c->fd = fd;
    c->is_open = 1;
    c->held = c->waiting = 0;
    seen.connections += 1;
    watch(c, EPOLLIN, EPOLL_CTL_ADD);
  }
}

int main(int count, char **options) {
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max < 65536 ? files.rlim_max : 65536;
  setrlimit(RLIMIT_NOFILE, &files);
  most_connections = (int)files.rlim_cur;
  connections = calloc((size_t)most_connections, sizeof *connections);
  struct sched_param priority = { .sched_priority = 10 };
  int is_realtime = count > 1 && strcmp(options[1], "--realtime") == 0 && sched_setscheduler(0, SCHED_FIFO, &priority) == 0;
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), yes = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 4096)) return perror("listen"), 1;
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("%d%s\n", ntohs(address.sin_port), is_realtime ? " realtime" : "");
  fflush(stdout);
  poll_fd = epoll_create1(0);
  struct epoll_event event = { .events = EPOLLIN, .data.u32 = UINT32_MAX }, ready[512];
  epoll_ctl(poll_fd, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    for (ns now = now_ns(); events > 0 && heap[0].due <= now;) {
      Event due = pop();
      Connection *c = &connections[due.connection];
      if (c->is_open && c->is_busy && c->turn == due.turn) write_chunk(c, due.connection, due.due);
    }
    struct timespec wait = { 1, 0 };
    if (events > 0) {
      ns left = heap[0].due - now_ns();
      if (left < TOGETHER) left = TOGETHER;
      if (left < 1000000000) wait = (struct timespec){ 0, left };
    }
    int found = epoll_pwait2(poll_fd, ready, 512, &wait, NULL);
    for (int index = 0; index < found; index += 1) {
      if (ready[index].data.u32 == UINT32_MAX) { accept_all(listener); continue; }
      Connection *c = &connections[ready[index].data.u32];
      if (c->is_open && ready[index].events & EPOLLOUT && c->waiting) flush_waiting(c);
      if (c->is_open && ready[index].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_from(c);
    }
  }
}
