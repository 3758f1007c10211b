#!/bin/busybox sh
# The first program of a small slot: mounts what the box mounts, says which slot and version runs,
# and carries out what the test left on the second disk.
export PATH=/bin:/sbin:/usr/bin:/usr/sbin PYTHONPATH=/opt/tipring:/opt/site HOME=/run
busybox mount -t tmpfs run /run
busybox mount -t tmpfs tmp /tmp
busybox mount -t tmpfs var /var
for module in dm-verity loop squashfs vfat nls_ascii nls_cp437 nls_utf8; do modprobe "$module"; done
busybox mkdir -p /run/by /var/lib/rauc /var/lib/tipring
slot=$(busybox sed -n 's/.*rauc\.slot=\([AB]\).*/\1/p' /proc/cmdline)
# udev's names of the partitions, which nobody else makes here.
busybox mkdir -p /dev/disk/by-partuuid
for n in 1 2 3 4; do busybox ln -s "/dev/vda$n" "/dev/disk/by-partuuid/74697072-0$n"; done
busybox mount -t vfat -o flush /dev/vda1 /boot/firmware
busybox mount -t ext4 /dev/vda4 /data
busybox mount -o bind /data/rauc /var/lib/rauc
busybox mount -o bind /data/tipring /var/lib/tipring
busybox mount -t ext4 -o ro /dev/vdb /stick
case "$slot" in A) own=/dev/vda2 ;; *) own=/dev/vda3 ;; esac
size=$(busybox cat /etc/size 2>/dev/null || echo 0)
echo "SLOT $slot VERSION $(busybox cat /etc/version) LEFT $(fw_printenv -n BOOT_A_LEFT)$(fw_printenv -n BOOT_B_LEFT)"
. /stick/orders
busybox sync
echo "THE END"
busybox poweroff -f
