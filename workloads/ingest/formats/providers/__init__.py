"""What providers export themselves: answers, usage reports, invocation logs. One module a format."""
