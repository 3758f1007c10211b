# Two machines with two networks between them: the box with its rules, and somebody. Prints who got in.
set -eu
ip link set lo up
unshare -n sleep 60 & far=$!
while [ "$(readlink /proc/$far/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do :; done
ip link add near type veth peer name far
ip link set far netns $far
in_far() { nsenter -t $far -n "$@"; }
for net in 192.168.7 203.0.113; do
  ip addr add $net.1/24 dev near
  in_far ip addr add $net.2/24 dev far
done
ip link set near up
in_far ip link set far up
nft -f "$1"
coproc ports { exec python3 -c "
import socket, sys
held = [socket.create_server(('', port), backlog=128) for port in (80, 22)]
print('listening', flush=True)
sys.stdin.read()"; }
read -r _ <&"${ports[0]}"
try() {
  in_far python3 -c "
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), 1, (sys.argv[3], 0))
    print('in')
except OSError:
    print('out')" "$@"
}
echo "neighbour page $(try 192.168.7.1 80 192.168.7.2)"
echo "stranger page $(try 203.0.113.1 80 203.0.113.2)"
echo "neighbour shell $(try 192.168.7.1 22 192.168.7.2)"
echo "crowd $(in_far python3 -c "
import socket, sys
held = []
try:
    for _ in range(40):
        held.append(socket.create_connection(('192.168.7.1', 80), 1))
except OSError:
    pass
print(len(held))")"
kill $far
