/* Links the whole of one folder's archive with those it may use.  Linking is the test: a call that
 * the folder is not allowed to make is an undefined reference. */
int main(void)
{
        return 0;
}
