# Which slot starts. Each start takes one try from its slot; a healthy system gives them back
# (rauc-mark-good). A slot without tries is passed over; when none is left, both get theirs again.
# The state is a file of its own on the boot partition: fw_setenv knows it too. It is not called
# uboot.env, which the loader would take for its whole environment.
setenv BOOT_ORDER
setenv BOOT_A_LEFT
setenv BOOT_B_LEFT
setexpr slot_at ${scriptaddr} + 0x10000
if fatload ${devtype} ${devnum}:1 ${slot_at} slot.env; then
  env import -c ${slot_at} ${filesize} BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT
fi
test -n "${BOOT_ORDER}" || setenv BOOT_ORDER "A B"
test -n "${BOOT_A_LEFT}" || setenv BOOT_A_LEFT 3
test -n "${BOOT_B_LEFT}" || setenv BOOT_B_LEFT 3

setenv slot
for one in ${BOOT_ORDER}; do
  if test -n "${slot}"; then
    true
  elif test "${one}" = "A" && test ${BOOT_A_LEFT} -gt 0; then
    setexpr BOOT_A_LEFT ${BOOT_A_LEFT} - 1
    setenv slot A
    setenv part 2
  elif test "${one}" = "B" && test ${BOOT_B_LEFT} -gt 0; then
    setexpr BOOT_B_LEFT ${BOOT_B_LEFT} - 1
    setenv slot B
    setenv part 3
  fi
done
if test -z "${slot}"; then
  echo "tipring: no slot has a try left; both get three again"
  setenv BOOT_A_LEFT 3
  setenv BOOT_B_LEFT 3
fi
env export -c -s 0x4000 ${slot_at} BOOT_ORDER BOOT_A_LEFT BOOT_B_LEFT
fatwrite ${devtype} ${devnum}:1 ${slot_at} slot.env 0x4000
if test -z "${slot}"; then
  reset
fi

echo "tipring: slot ${slot}, tries left A=${BOOT_A_LEFT} B=${BOOT_B_LEFT}"
# tipring_extra is empty unless somebody who sits in front of the boot loader sets it.
setenv console "console=tty0"
if test "${board}" = "qemu-arm"; then
  setenv console "console=ttyAMA0"
fi
part uuid ${devtype} ${devnum}:${part} root
setenv bootargs "root=PARTUUID=${root} ro rootwait ${console} rauc.slot=${slot} panic=10 quiet systemd.show_status=no net.ifnames=0 fsck.repair=yes ${tipring_extra}"
# The kernel is packed: half a minute less from a slow card. It is unpacked behind the first file system.
setexpr kernel_comp_addr_r ${ramdisk_addr_r} + 0x4000000
setenv kernel_comp_size 0x4000000
if load ${devtype} ${devnum}:${part} ${kernel_addr_r} /boot/vmlinuz.gz; then
  if load ${devtype} ${devnum}:${part} ${ramdisk_addr_r} /boot/initrd.img; then
    booti ${kernel_addr_r} ${ramdisk_addr_r}:${filesize} ${fdt_addr}
  fi
fi
echo "tipring: slot ${slot} does not start"
reset
