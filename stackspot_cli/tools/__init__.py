"""Tools for a model that takes one text and gives one: offered, called and answered in words. Pure.

inquiry      what a program asks, whatever API it speaks.
offer        how tools are shown, and how calls are asked for.
prompt_text  an inquiry as the one text that the service takes.
shortening   what is left out where that text is too long.
call_reader  an answer as it comes, divided into text and calls.
call_forms   what a written call says, in each of the forms that are understood.
call_checks  which calls may leave, and what is wrong with the others.
stop_strings an answer that ends before what its caller named.
rounds       one answer to one inquiry, what was wrong asked for once more.
"""
