// int weft_protected_call(FaultFrame* frame, void (*body)(void*), void* argument)
//
// Saves all callee-saved registers on the stack and the stack pointer in frame->stack_pointer, then calls
// body(argument) and gives 0. The fault handler (fault.cpp) resumes a thread at weft_protected_landing with that stack
// pointer, which gives 1 from the same call.

#if defined(__x86_64__)

    .text
    .globl weft_protected_call
    .hidden weft_protected_call
    .type weft_protected_call, @function
weft_protected_call:
    endbr64
    push %rbp
    push %rbx
    push %r12
    push %r13
    push %r14
    push %r15
    sub $8, %rsp
    mov %rsp, (%rdi)
    mov %rdx, %rdi
    call *%rsi
    xor %eax, %eax
    jmp 1f
    .globl weft_protected_landing
    .hidden weft_protected_landing
weft_protected_landing:
    mov $1, %eax
    cld
1:
    add $8, %rsp
    pop %r15
    pop %r14
    pop %r13
    pop %r12
    pop %rbx
    pop %rbp
    ret
    .size weft_protected_call, . - weft_protected_call

#elif defined(__aarch64__)

    .text
    .globl weft_protected_call
    .hidden weft_protected_call
    .type weft_protected_call, %function
weft_protected_call:
    hint #34                        // bti c
    stp x29, x30, [sp, #-160]!
    mov x29, sp
    stp x19, x20, [sp, #16]
    stp x21, x22, [sp, #32]
    stp x23, x24, [sp, #48]
    stp x25, x26, [sp, #64]
    stp x27, x28, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mov x9, sp
    str x9, [x0]
    mov x0, x2
    blr x1
    mov w0, #0
    b 1f
    .globl weft_protected_landing
    .hidden weft_protected_landing
weft_protected_landing:
    hint #36                        // bti j
    mov w0, #1
1:
    ldp x19, x20, [sp, #16]
    ldp x21, x22, [sp, #32]
    ldp x23, x24, [sp, #48]
    ldp x25, x26, [sp, #64]
    ldp x27, x28, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    ldp x29, x30, [sp], #160
    ret
    .size weft_protected_call, . - weft_protected_call

#endif

    .section .note.GNU-stack,"",@progbits
