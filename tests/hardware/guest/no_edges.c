/* Preloaded: the kernel's answer where a GPIO chip has no interrupts, as old libraries see it from
 * Linux 6.6 on. Requests for edges end in ENXIO; everything else goes to the kernel unchanged. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/gpio.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

int ioctl(int fd, unsigned long request, ...)
{
    va_list more;
    va_start(more, request);
    void *argument = va_arg(more, void *);
    va_end(more);
    if (request == GPIO_V2_GET_LINE_IOCTL) {
        const struct gpio_v2_line_request *asked = argument;
        if (asked->config.flags & (GPIO_V2_LINE_FLAG_EDGE_RISING | GPIO_V2_LINE_FLAG_EDGE_FALLING)) {
            errno = ENXIO;
            return -1;
        }
    }
    return (int)syscall(SYS_ioctl, fd, request, argument);
}
